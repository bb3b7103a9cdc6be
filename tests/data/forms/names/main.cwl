cwlVersion: v1.2
class: Workflow
id: both
inputs: {text: string}
outputs: {said: {type: string, outputSource: last/said}}
steps:
  first: {run: my%20tool.cwl, in: {text: text}, out: [said]}
  second: {run: a%23b.cwl, in: {text: first/said}, out: [said]}
  third: {run: './c:d.cwl', in: {text: second/said}, out: [said]}
  last: {run: 'plain name.cwl', in: {text: third/said}, out: [said]}
