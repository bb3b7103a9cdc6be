cwlVersion: v1.2
class: Workflow
requirements:
  SubworkflowFeatureRequirement: {}
inputs:
  text: string
outputs:
  said:
    type: string
    outputSource: outer/said
steps:
  outer:
    in:
      text: text
    out:
      - said
    run:
      class: Workflow
      inputs:
        text: string
      outputs:
        said:
          type: string
          outputSource: deep/said
      steps:
        - id: deep
          in:
            - id: text
              source: text
          out:
            - said
          run:
            cwlVersion: v1.2
            class: CommandLineTool
            baseCommand:
              - sh
              - -c
              - "printf %s \"$1\""
              - sh
            inputs:
              text:
                type: string
                inputBinding: {}
            outputs:
              said:
                type: string
                outputBinding:
                  glob: out
                  loadContents: true
                  outputEval: $(self[0].contents)
            stdout: out
