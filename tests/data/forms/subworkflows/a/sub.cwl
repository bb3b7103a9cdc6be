cwlVersion: v1.2
class: Workflow
id: sub
inputs: {text: string}
outputs: {said: {type: string, outputSource: last/said}}
steps:
  last: {run: tool.cwl, in: {text: text}, out: [said]}
