cwlVersion: v1.2
class: Workflow
id: both
requirements: {SubworkflowFeatureRequirement: {}}
inputs: {text: string}
outputs: {said: {type: string, outputSource: last/said}}
steps:
  first: {run: {$import: inner/say.cwl}, in: {text: text}, out: [said]}
  last: {run: {$import: inner/sub.cwl}, in: {text: first/said}, out: [said]}
