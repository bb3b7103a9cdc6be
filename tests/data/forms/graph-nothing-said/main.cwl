cwlVersion: v1.2
$graph:
  - class: CommandLineTool
    id: say
    baseCommand: [printf, "%s"]
    inputs: {text: {type: string, inputBinding: {}}}
    outputs: {said: {type: string, outputBinding: {glob: out, loadContents: true, outputEval: "$(self[0].contents)"}}}
    stdout: out
  - class: CommandLineTool
    id: more
    baseCommand: [printf, "%s"]
    inputs: {text: {type: string, inputBinding: {}}}
    outputs: {said: {type: string, outputBinding: {glob: out, loadContents: true, outputEval: "$(self[0].contents)"}}}
    stdout: out
