cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
  ResourceRequirement: {coresMin: 1000000000}
baseCommand: "true"
inputs: {}
outputs: {}
