cwlVersion: v1.2
class: Workflow
id: both
inputs: {text: string}
outputs: {said: {type: string, outputSource: last/said}}
steps:
  first: {run: old.cwl, in: {text: text}, out: [said]}
  middle: {run: middle.cwl, in: {text: first/said}, out: [said]}
  last: {run: listed.cwl, in: {text: middle/said}, out: [said]}
