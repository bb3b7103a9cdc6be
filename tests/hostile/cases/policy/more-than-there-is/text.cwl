cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
  ResourceRequirement: {coresMin: many}
baseCommand: "true"
inputs: {}
outputs: {}
