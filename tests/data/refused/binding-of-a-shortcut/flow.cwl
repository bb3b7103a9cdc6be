cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: echo
inputs: {}
outputs:
  said:
    type: stdout
    outputBinding: {glob: said}
