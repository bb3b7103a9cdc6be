cwlVersion: v1.2
class: Workflow
id: main
requirements:
  - class: SubworkflowFeatureRequirement
inputs:
  - type: string
    id: text
outputs:
  - type: string
    outputSource: last/said
    id: said
steps:
  - run:
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
      stdout: out
      outputs:
        - type: string
          outputBinding:
            glob: out
            loadContents: true
            outputEval: $(self[0].contents)
          id: say/said
    in:
      - source: text
        id: text
    out:
      - said
    id: first
  - run:
      cwlVersion: v1.2
      class: Workflow
      inputs:
        - type: string
          id: sub/text
      outputs:
        - type: string
          outputSource: sub/last/said
          id: sub/said
      steps:
        - run:
            cwlVersion: v1.2
            class: CommandLineTool
            baseCommand:
              - sh
              - -c
              - "printf %s! \"$1\""
              - sh
            inputs:
              - type: string
                inputBinding: {}
                id: shout/text
            outputs:
              - type: string
                outputBinding:
                  glob: out
                  loadContents: true
                  outputEval: $(self[0].contents)
                id: shout/said
            stdout: out
          in:
            - source: sub/text
              id: text
          out:
            - said
          id: sub/last
    in:
      - source: first/said
        id: text
    out:
      - said
    id: last
