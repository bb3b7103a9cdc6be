cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
  SchemaDefRequirement:
    types:
      - $import: https://raw.githubusercontent.com/eoap/schemas/main/ogc.yaml
baseCommand: "true"
inputs:
  aoi: {type: "https://raw.githubusercontent.com/eoap/schemas/main/ogc.yaml#BBox", label: Area of interest}
  several: {type: ["null", {type: array, items: "https://raw.githubusercontent.com/eoap/schemas/main/ogc.yaml#BBox"}]}
outputs:
  box: {type: "https://raw.githubusercontent.com/eoap/schemas/main/ogc.yaml#BBox", outputBinding: {outputEval: "$({})"}}
