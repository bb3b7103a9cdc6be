cwlVersion: v1.2
class: Workflow
inputs: []
outputs: {said: {type: File, outputSource: only/said}}
steps:
  only:
    run: ../tools/cat.cwl
    in: {a: {default: {class: File, location: a.txt}}}
    out: [said]
