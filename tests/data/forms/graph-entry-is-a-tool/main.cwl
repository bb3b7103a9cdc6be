cwlVersion: v1.2
$graph:
  - class: Workflow
    id: main
    inputs: {text: string}
    outputs: {said: {type: string, outputSource: only/said}}
    steps: {only: {run: "#say", in: {text: text}, out: [said]}}
  - class: CommandLineTool
    id: "#say"
    baseCommand: [printf, "%s"]
    inputs: {text: {type: string, inputBinding: {}}}
    outputs: {said: {type: string, outputBinding: {glob: out, loadContents: true, outputEval: "$(self[0].contents)"}}}
    stdout: out
