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
            location: files/0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f/b.txt
            size: 2
      outputs:
        said: stdout
      stdout: out.txt
    in:
      a:
        default:
          class: File
          basename: a.txt
          location: files/87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7/a.txt
          size: 2
    out:
      - said
