cwlVersion: v1.2
$namespaces: {edam: 'http://edamontology.org/'}
$graph:
  - class: Workflow
    id: main
    inputs: {text: string}
    outputs: {said: {type: string, outputSource: only/said}}
    steps: {only: {run: "lib.cwl#say", in: {text: text}, out: [said]}}
