cwlVersion: v1.2
class: CommandLineTool
id: list-of-objects
requirements:
  DockerRequirement:
    dockerPull: busybox
inputs:
  rows:
    type: string[]?
    default:
      - "{\"a\":1}"
    inputBinding:
      position: 1
      prefix: --rows
outputs: {}
