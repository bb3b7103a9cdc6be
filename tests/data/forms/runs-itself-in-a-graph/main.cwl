cwlVersion: v1.2
$graph:
  - class: Workflow
    id: a
    inputs: {text: string}
    outputs: {said: {type: string, outputSource: only/said}}
    steps: {only: {run: "#b", in: {text: text}, out: [said]}}
  - class: Workflow
    id: b
    inputs: {text: string}
    outputs: {said: {type: string, outputSource: only/said}}
    steps: {only: {run: "#a", in: {text: text}, out: [said]}}
