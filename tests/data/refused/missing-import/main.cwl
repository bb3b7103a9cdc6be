cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: echo
inputs:
  colour:
    type:
      - $import: types/colour.yml
outputs: {}
