cwlVersion: v1.2
class: CommandLineTool
id: shell-command
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  ShellCommandRequirement: {}
baseCommand: echo
arguments:
  - {valueFrom: "|", shellQuote: false, position: 2}
  - {valueFrom: tr, position: 3}
  - {valueFrom: a-z, position: 4}
  - {valueFrom: A-Z, position: 5}
inputs:
  text: {type: string, inputBinding: {position: 1}}
stdout: upper.txt
outputs: {upper: stdout}
