cwlVersion: v1.2
class: Workflow
id: both
inputs: {text: string}
outputs: {said: {type: string, outputSource: last/said}}
steps:
  first: {run: say.cwl, in: {text: text}, out: [said]}
  last: {run: tools/say.cwl, in: {text: first/said}, out: [said]}
