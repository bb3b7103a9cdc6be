cwlVersion: v1.2
class: Workflow
id: both
requirements: [{class: SubworkflowFeatureRequirement}]
inputs: {text: string}
outputs: {said: {type: string, outputSource: last/said}}
steps:
  first: {run: a/sub.cwl, in: {text: text}, out: [said]}
  last: {run: b/sub.cwl, in: {text: first/said}, out: [said]}
