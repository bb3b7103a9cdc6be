cwlVersion: v1.2
class: CommandLineTool
id: resources-by-expression
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
  ResourceRequirement: {ramMin: $(inputs.mebibytes)}
baseCommand: [echo, never]
inputs: {mebibytes: long}
outputs: {said: stdout}
