cwlVersion: v1.2
class: Workflow
inputs:
  text: string
outputs:
  said: {type: File, outputSource: last/said}
steps:
  first:
    run: tools/say.cwl
    in: {text: text}
    out: [said]
  last:
    run: sub/inner.cwl
    in: {text: text}
    out: [said]
