cwlVersion: v1.2
class: CommandLineTool
id: javascript-error
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
baseCommand: echo
arguments: ["$(inputs.text.noSuchMethod())"]
inputs: {text: string}
outputs: {said: stdout}
