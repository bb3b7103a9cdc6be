cwlVersion: v1.2
class: Workflow
inputs:
  size: string
outputs: []
steps:
  a:
    run:
      cwlVersion: v1.2
      class: CommandLineTool
      requirements:
        SchemaDefRequirement:
          types:
            - name: "#a.cwl/Size"
              type: enum
              symbols:
                - small
                - large
      baseCommand: echo
      inputs:
        size:
          type: "#a.cwl/Size"
          inputBinding: {}
      outputs: []
    in:
      size:
        default: small
    out: []
  b:
    run:
      cwlVersion: v1.2
      class: CommandLineTool
      requirements:
        SchemaDefRequirement:
          types:
            - name: "#b.cwl/Size"
              type: enum
              symbols:
                - one
                - two
      baseCommand: echo
      inputs:
        size:
          type: "#b.cwl/Size?"
          inputBinding: {}
      outputs: []
    in:
      size:
        default: two
    out: []
