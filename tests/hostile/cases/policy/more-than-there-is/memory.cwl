cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
  ResourceRequirement: {ramMin: 1.0e+300}
baseCommand: "true"
inputs: {}
outputs: {}
