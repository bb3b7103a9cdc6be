cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs:
  x: Directory
  several: {type: ["null", {type: array, items: Directory}]}
  either: {type: ["null", File, Directory]}
outputs:
  y: {type: Directory, outputBinding: {glob: y}}
  several: {type: {type: array, items: Directory}, outputBinding: {glob: d}}
