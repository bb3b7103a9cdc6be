cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
label: x
hints: [{$import: "file://{secret}"}]
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs: {}
outputs: {}
