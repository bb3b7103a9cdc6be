cwlVersion: v1.2
class: CommandLineTool
requirements:
  - class: SchemaDefRequirement
    types:
      - name: "#types/size.yml/Size"
        type: enum
        symbols:
          - small
          - large
baseCommand: echo
inputs:
  - id: size
    type: "#types/size.yml/Size"
    inputBinding: {}
outputs: []
