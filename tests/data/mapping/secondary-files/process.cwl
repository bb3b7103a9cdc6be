cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs:
  x: {type: File, secondaryFiles: [.idx, "^.d?"]}
outputs:
  y: {type: File, secondaryFiles: [.idx], outputBinding: {glob: y}}
