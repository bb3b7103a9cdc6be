cwlVersion: v1.2
class: CommandLineTool
id: optional-outputs
requirements:
  DockerRequirement:
    dockerPull: busybox
inputs: {}
outputs:
  file:
    type: File?
    outputBinding:
      glob:
        - file
        - file.*
  value:
    type:
      - "null"
      - File
      - Any
    outputBinding:
      glob:
        - value
        - value.*
  "null":
    type:
      - "null"
      - File
      - Any
    outputBinding:
      glob:
        - "null"
        - null.*
  folder:
    type: Directory?
    outputBinding:
      glob: folder
