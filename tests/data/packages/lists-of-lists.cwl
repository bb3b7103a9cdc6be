cwlVersion: v1.2
class: CommandLineTool
id: lists-of-lists
requirements:
  DockerRequirement:
    dockerPull: busybox
inputs:
  lists:
    type: string[]
    inputBinding:
      position: 1
      prefix: --lists
outputs: {}
