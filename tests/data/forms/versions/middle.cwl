cwlVersion: v1.1
class: CommandLineTool
id: middle
baseCommand: [sh, -c, 'printf %s "$1"', sh]
inputs:
  text: {type: string, inputBinding: {}}
outputs:
  said: {type: string, outputBinding: {glob: out, loadContents: true, outputEval: "$(self[0].contents)"}}
stdout: out
