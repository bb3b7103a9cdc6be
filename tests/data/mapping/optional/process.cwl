cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs:
  a: int?
  b: {type: ["null", {type: array, items: string}]}
  c: File?
outputs:
  a: int?
  b: File?
  c: {type: ["null", {type: array, items: File}]}
  d: {type: {type: array, items: ["null", File]}}
