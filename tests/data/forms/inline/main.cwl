cwlVersion: v1.2
class: Workflow
requirements: {SubworkflowFeatureRequirement: {}}
inputs: {text: string}
outputs: {said: {type: string, outputSource: outer/said}}
steps:
  outer:
    in: {text: text}
    out: [said]
    run:
      class: Workflow
      id: inner
      inputs: {text: string}
      outputs: {said: {type: string, outputSource: deep/said}}
      steps:
        - id: deep
          in: [{id: text, source: text}]
          out: [said]
          run: tools/say.cwl
