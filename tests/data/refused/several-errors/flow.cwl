cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseComand: echo
inputs:
  text:
    type: string
    inputBinding: {position: first, prefx: --text}
  number:
    type: {type: array, item: int}
outputs:
  said:
    type: File
    outputBinding: 5
