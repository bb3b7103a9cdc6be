cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: echo
inputs:
  - id: a
    type: integer
  - id: b
    label: B
    type: strng?
outputs: []
