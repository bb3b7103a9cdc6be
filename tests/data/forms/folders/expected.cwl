cwlVersion: v1.2
class: Workflow
id: both
requirements:
  SubworkflowFeatureRequirement: {}
inputs:
  text: string
outputs:
  said:
    type: string
    outputSource: last/said
steps:
  first:
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
    in:
      text: text
    out:
      - said
  last:
    run:
      cwlVersion: v1.2
      class: Workflow
      inputs:
        text: string
      outputs:
        said:
          type: string
          outputSource: last/said
      steps:
        last:
          run:
            cwlVersion: v1.2
            class: CommandLineTool
            baseCommand:
              - sh
              - -c
              - "printf %s! \"$1\""
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
          in:
            text: text
          out:
            - said
    in:
      text: first/said
    out:
      - said
