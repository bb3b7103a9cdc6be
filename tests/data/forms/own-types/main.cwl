cwlVersion: v1.2
class: Workflow
inputs: {size: string}
outputs: []
steps:
  a: {run: a.cwl, in: {size: {default: small}}, out: []}
  b: {run: b.cwl, in: {size: {default: two}}, out: []}
