cwlVersion: v1.2
class: Workflow
inputs:
  text: string
outputs:
  said: {type: File, outputSource: last/said}
steps:
  first:
    run: ../tools/say.cwl
    in: {text: text}
    out: [said]
  last:
    run: ../tools/broken%20one.cwl
    in: {text: text}
    out: [said]
