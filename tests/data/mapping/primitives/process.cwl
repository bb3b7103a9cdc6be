cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
baseCommand: "true"
inputs:
  truth: boolean
  whole: int
  rough: float
  fine: double
  words: string
outputs:
  truth: {type: boolean, outputBinding: {outputEval: $(true)}}
  whole: {type: int, outputBinding: {outputEval: $(1)}}
  rough: {type: float, outputBinding: {outputEval: $(0.5)}}
  fine: {type: double, outputBinding: {outputEval: $(0.5)}}
  words: {type: string, outputBinding: {outputEval: $("")}}
