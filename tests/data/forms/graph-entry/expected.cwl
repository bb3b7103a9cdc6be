cwlVersion: v1.2
class: Workflow
id: second
inputs:
  text: string
outputs:
  said:
    type: string
    outputSource: only/said
steps:
  only:
    run:
      cwlVersion: v1.2
      class: CommandLineTool
      baseCommand:
        - printf
        - "%s"
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
