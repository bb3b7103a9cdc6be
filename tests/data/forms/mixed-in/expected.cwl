cwlVersion: v1.2
class: CommandLineTool
baseCommand: echo
inputs:
  a:
    type: string
    doc: Mine
    inputBinding:
      position: 1
  b:
    type: string
    doc: "Everyone's"
    inputBinding:
      position: 1
    default: some
outputs: []
