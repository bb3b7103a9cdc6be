cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs:
  x: Any
  several: {type: ["null", {type: array, items: Any}]}
  optional: {type: ["null", Any]}
outputs:
  y: Any
