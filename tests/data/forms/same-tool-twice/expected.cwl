cwlVersion: v1.2
class: Workflow
id: both
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
        - "printf %s-a \"$1\""
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
  second:
    run:
      cwlVersion: v1.2
      class: CommandLineTool
      baseCommand:
        - sh
        - -c
        - "printf %s-a \"$1\""
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
      text: first/said
    out:
      - said
  last:
    run:
      cwlVersion: v1.2
      class: CommandLineTool
      baseCommand:
        - sh
        - -c
        - "printf %s-a \"$1\""
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
      text: second/said
    out:
      - said
