cwlVersion: v1.2
class: CommandLineTool
requirements:
  - class: SchemaDefRequirement
    types:
      - $import: types/size.yml
baseCommand: echo
inputs:
  - {id: size, type: "types/size.yml#Size", inputBinding: {}}
outputs: []
