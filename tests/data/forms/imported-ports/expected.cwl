cwlVersion: v1.2
class: CommandLineTool
requirements:
  SchemaDefRequirement:
    types:
      - name: "#ports/types.yml/Size"
        type: enum
        symbols:
          - small
          - large
baseCommand: echo
inputs:
  - id: size
    type: "#ports/types.yml/Size?"
    inputBinding: {}
outputs: []
