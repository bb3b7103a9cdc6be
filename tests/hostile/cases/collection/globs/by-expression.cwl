cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
baseCommand: [sh, -c, "true"]
inputs: {}
outputs: {o: {type: File, outputBinding: {glob: '$("../../../../../../../../../../../.." + "{secret}")'}}}
