cwlVersion: v1.2
class: CommandLineTool
id: javascript-error-in-an-output
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
baseCommand: [echo, one]
stdout: said.txt
inputs: {}
outputs:
  said: {type: string, outputBinding: {glob: said.txt, outputEval: "$(self[1].contents)"}}
