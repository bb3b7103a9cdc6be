cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: echo
inputs:
  text: {type: string, inputBinding: {positon: 1}}
outputs:
  said: stdout
