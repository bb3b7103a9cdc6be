cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: cat
inputs:
  a: {type: File, default: {class: File, location: "file://{secret}"}, inputBinding: {}}
outputs: {}
