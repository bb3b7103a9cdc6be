cwlVersion: v1.2
class: Workflow
id: main
inputs:
  - type: string
    id: text
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
      outputs:
        - type: string
          outputBinding:
            glob: out
            loadContents: true
            outputEval: $(self[0].contents)
          id: say/said
      stdout: out
    in:
      - source: text
        id: text
    out:
      - said
    id: first
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
      - source: first/said
        id: text
    out:
      - said
    id: last
outputs:
  - type: string
    outputSource: last/said
    id: said
