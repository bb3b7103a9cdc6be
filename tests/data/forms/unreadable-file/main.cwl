cwlVersion: v1.2
class: Workflow
id: both
inputs: {text: string}
outputs: {said: {type: string, outputSource: last/said}}
steps:
  last: {run: say.cwl, in: {text: text}, out: [said]}
