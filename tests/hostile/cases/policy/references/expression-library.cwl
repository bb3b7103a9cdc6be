cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement:
    expressionLib: [{$include: "{secret}"}]
baseCommand: "true"
inputs: {}
outputs: {}
