cwlVersion: v1.2
class: Workflow
requirements:
  - class: SubworkflowFeatureRequirement
inputs:
  - type: string
    id: text
steps:
  - in:
      - source: text
        id: text
    out:
      - said
    run:
      class: Workflow
      inputs:
        - type: string
          id: text
      outputs:
        - type: string
          outputSource: deep/said
          id: said
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
              - type: string
                inputBinding: {}
                id: say/text
            outputs:
              - type: string
                outputBinding:
                  glob: out
                  loadContents: true
                  outputEval: $(self[0].contents)
                id: say/said
            stdout: out
    id: outer
id: main
outputs:
  - type: string
    outputSource: outer/said
    id: said
