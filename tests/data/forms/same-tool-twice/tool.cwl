cwlVersion: v1.2
class: CommandLineTool
id: tool
baseCommand: [sh, -c, 'printf %s-a "$1"', sh]
inputs:
  text: {type: string, inputBinding: {}}
outputs:
  said: {type: string, outputBinding: {glob: out, loadContents: true, outputEval: "$(self[0].contents)"}}
stdout: out
