cwlVersion: v1.2
class: CommandLineTool
baseCommand: cat
inputs:
  a: {type: File, inputBinding: {}}
  b: {type: File, inputBinding: {}, default: {class: File, location: b.txt}}
outputs: {said: stdout}
stdout: out.txt
