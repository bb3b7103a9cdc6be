cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
  SchemaDefRequirement:
    types:
      - $import: https://raw.githubusercontent.com/eoap/schemas/main/geojson.yaml
baseCommand: "true"
inputs:
  point: {type: ["null", "https://raw.githubusercontent.com/eoap/schemas/main/geojson.yaml#Point"]}
  line: {type: ["null", "https://raw.githubusercontent.com/eoap/schemas/main/geojson.yaml#LineString"]}
  either: {type: ["null", "https://raw.githubusercontent.com/eoap/schemas/main/geojson.yaml#Point", "https://raw.githubusercontent.com/eoap/schemas/main/geojson.yaml#Polygon"]}
  feature: {type: ["null", "https://raw.githubusercontent.com/eoap/schemas/main/geojson.yaml#Feature"]}
  collection: {type: ["null", "https://raw.githubusercontent.com/eoap/schemas/main/geojson.yaml#FeatureCollection"]}
outputs:
  feature: {type: "https://raw.githubusercontent.com/eoap/schemas/main/geojson.yaml#Feature", outputBinding: {outputEval: "$({})"}}
