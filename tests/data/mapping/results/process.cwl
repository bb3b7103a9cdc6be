cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
baseCommand: "true"
inputs: {}
outputs:
  one: {type: File, outputBinding: {glob: a}}
  other: {type: File, outputBinding: {glob: b}}
  several: {type: {type: array, items: File}, outputBinding: {glob: c}}
  named: {type: File, outputBinding: {glob: d}}
  number: {type: int, outputBinding: {outputEval: $(5)}}
  text: {type: string, outputBinding: {outputEval: $("a")}}
  object: {type: {type: record, fields: {a: int}}, outputBinding: {outputEval: "$({'a': 1})"}}
  objects: {type: {type: array, items: {type: record, fields: {f: File}}}, outputBinding: {outputEval: "$([])"}}
  said: stdout
stdout: said.txt
