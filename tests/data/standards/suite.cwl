# (c) an author of long ago
cwlVersion: v1.0
class: CommandLineTool
id: suite-app
label: Echo of a word
baseCommand: echo
hints:
  DockerRequirement:
    dockerPull: busybox:stable
inputs:
  word:
    type: string
    inputBinding:
      position: 1
outputs:
  said:
    type: stdout
stdout: said.txt
