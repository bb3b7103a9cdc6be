cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
  ResourceRequirement: {coresMin: -1}
baseCommand: "true"
inputs: {}
outputs: {}
