cwlVersion: v1.2
class: CommandLineTool
id: legacy-values
requirements:
  DockerRequirement:
    dockerPull: localhost:5000/a/b
inputs:
  level:
    type:
      - "null"
      - type: enum
        symbols:
          - a
          - b
    inputBinding:
      position: 1
      prefix: --level
  number:
    type: double
    inputBinding:
      position: 2
      prefix: --number
outputs:
  x:
    type:
      - "null"
      - File
      - Any
    outputBinding:
      glob:
        - x
        - x.*
