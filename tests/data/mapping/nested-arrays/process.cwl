cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs:
  numbers: {type: {type: array, items: {type: array, items: int}}}
  files: {type: ["null", {type: array, items: {type: array, items: File}}]}
  points: {type: ["null", {type: array, items: {type: array, items: {type: record, fields: {n: int, s: "string?"}}}}]}
  holes: {type: ["null", {type: array, items: ["null", string]}]}
outputs:
  files: {type: {type: array, items: {type: array, items: File}}}
  numbers: {type: {type: array, items: {type: array, items: double}}}
