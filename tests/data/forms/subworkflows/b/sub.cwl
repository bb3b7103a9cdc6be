cwlVersion: v1.2
class: Workflow
id: sub
inputs: {text: string}
outputs: {said: {type: string, outputSource: last/said}}
steps:
  one: {run: tool.cwl, in: {text: text}, out: [said]}
  last: {run: ../a/tool.cwl, in: {text: one/said}, out: [said]}
