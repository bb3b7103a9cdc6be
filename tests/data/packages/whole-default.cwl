cwlVersion: v1.2
class: CommandLineTool
id: whole-default
requirements:
  DockerRequirement:
    dockerPull: busybox
inputs:
  "n":
    type: long?
    default: 5
    inputBinding:
      position: 1
      prefix: --n
outputs: {}
