cwlVersion: v1.2
class: CommandLineTool
id: say
baseCommand: [sh, -c, 'printf %s "$1"', sh]
inputs:
  text: {type: string, inputBinding: {}}
outputs:
  said: {type: string, outputBinding: {glob: out, loadContents: true, outputEval: "$(self[0].contents)"}}
stdout: out
