cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs:
  x: long
  y: {type: ["null", {type: array, items: long}]}
  z: int?
outputs:
  x: long
