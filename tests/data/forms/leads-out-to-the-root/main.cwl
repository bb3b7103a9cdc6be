cwlVersion: v1.2
class: Workflow
id: both
requirements: [{$import: /etc/passwd}]
inputs: {text: string}
outputs: {said: {type: string, outputSource: last/said}}
steps:
  last: {run: a.cwl, in: {text: text}, out: [said]}
