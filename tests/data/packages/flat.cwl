cwlVersion: v1.2
class: CommandLineTool
id: flat
requirements:
  DockerRequirement:
    dockerPull: example/greet
inputs:
  name:
    type: string
    inputBinding:
      position: 1
      prefix: --name
outputs:
  greeting:
    type:
      - File
      - Any
    outputBinding:
      glob:
        - greeting
        - greeting.*
