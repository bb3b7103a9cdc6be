cwlVersion: v1.2
class: Workflow
inputs: []
outputs:
  said:
    type: File
    outputSource: only/said
steps:
  only:
    run:
      cwlVersion: v1.2
      class: CommandLineTool
      baseCommand: cat
      inputs:
        a:
          type: File
          inputBinding: {}
        b:
          type: File
          inputBinding: {}
          default:
            class: File
            basename: b.txt
            contents: |
              b
            size: 2
      outputs:
        said: stdout
      stdout: out.txt
    in:
      a:
        default:
          class: File
          basename: a.txt
          contents: |
            a
          size: 2
    out:
      - said
