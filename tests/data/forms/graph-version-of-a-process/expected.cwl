class: Workflow
cwlVersion: v1.2
id: main
inputs:
  text: string
outputs:
  said:
    type: string
    outputSource: only/said
steps:
  only:
    run:
      class: CommandLineTool
      cwlVersion: v1.2
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
