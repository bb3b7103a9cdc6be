cwlVersion: v1.2
class: CommandLineTool
id: list-of-words
requirements:
  DockerRequirement:
    dockerPull: busybox
inputs:
  bands:
    type:
      type: array
      items:
        type: enum
        symbols:
          - red
          - nir
    inputBinding:
      position: 1
      prefix: --bands
outputs: {}
