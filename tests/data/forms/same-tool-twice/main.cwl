cwlVersion: v1.2
class: Workflow
id: both
inputs: {text: string}
outputs: {said: {type: string, outputSource: last/said}}
steps:
  first: {run: tool.cwl, in: {text: text}, out: [said]}
  second: {run: tool.cwl, in: {text: first/said}, out: [said]}
  last: {run: ./tool.cwl, in: {text: second/said}, out: [said]}
