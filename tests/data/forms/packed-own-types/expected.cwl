cwlVersion: v1.2
class: Workflow
inputs:
  - type: string
    id: size
outputs: []
steps:
  - run:
      cwlVersion: v1.2
      class: CommandLineTool
      requirements:
        - types:
            - name: "#main.cwl/Size"
              type: enum
              symbols:
                - small
                - large
          class: SchemaDefRequirement
      baseCommand: echo
      inputs:
        - type: "#main.cwl/Size"
          inputBinding: {}
          id: size
      outputs: []
    in:
      - default: small
        id: size
    out: []
    id: a
  - run:
      cwlVersion: v1.2
      class: CommandLineTool
      requirements:
        - types:
            - name: "#main.cwl/Size"
              type: enum
              symbols:
                - one
                - two
          class: SchemaDefRequirement
      baseCommand: echo
      inputs:
        - type:
            - "null"
            - "#main.cwl/Size"
          inputBinding: {}
          id: size
      outputs: []
    in:
      - default: two
        id: size
    out: []
    id: b
id: main
