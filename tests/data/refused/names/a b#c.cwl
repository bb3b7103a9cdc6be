cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: echo
inputs:
  "a: b":
    type: strng
outputs: {}
