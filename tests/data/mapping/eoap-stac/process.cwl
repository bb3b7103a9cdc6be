cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  SchemaDefRequirement:
    types:
      - $import: https://raw.githubusercontent.com/eoap/schemas/main/stac.yaml
baseCommand: "true"
inputs:
  item: {type: ["null", "https://raw.githubusercontent.com/eoap/schemas/main/stac.yaml#Item"]}
  collection: {type: ["null", "https://raw.githubusercontent.com/eoap/schemas/main/stac.yaml#Collection"]}
  catalog: {type: ["null", "https://raw.githubusercontent.com/eoap/schemas/main/stac.yaml#Catalog"]}
outputs: {}
