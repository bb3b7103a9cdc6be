cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
  SchemaDefRequirement:
    types:
      - $import: https://raw.githubusercontent.com/eoap/schemas/main/string_format.yaml
baseCommand: "true"
inputs:
  when: {type: "https://raw.githubusercontent.com/eoap/schemas/main/string_format.yaml#DateTime"}
  where: {type: ["null", "https://raw.githubusercontent.com/eoap/schemas/main/string_format.yaml#URI"]}
  dates: {type: ["null", {type: array, items: "https://raw.githubusercontent.com/eoap/schemas/main/string_format.yaml#Date"}]}
  id: {type: ["null", "https://raw.githubusercontent.com/eoap/schemas/main/string_format.yaml#UUID"]}
  how_long: {type: ["null", "https://raw.githubusercontent.com/eoap/schemas/main/string_format.yaml#Duration"]}
  either: {type: ["null", "https://raw.githubusercontent.com/eoap/schemas/main/string_format.yaml#Date", "https://raw.githubusercontent.com/eoap/schemas/main/string_format.yaml#URI"]}
  since: {type: "https://raw.githubusercontent.com/eoap/schemas/main/string_format.yaml#Date", default: {value: "2020-01-01"}}
outputs:
  when: {type: "https://raw.githubusercontent.com/eoap/schemas/main/string_format.yaml#DateTime", outputBinding: {outputEval: "$({value: 'a'})"}}
  several: {type: {type: array, items: "https://raw.githubusercontent.com/eoap/schemas/main/string_format.yaml#URI"}, outputBinding: {outputEval: "$([])"}}
