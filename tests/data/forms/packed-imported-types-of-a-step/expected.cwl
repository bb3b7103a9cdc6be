cwlVersion: v1.2
class: Workflow
requirements:
  - types:
      - name: "#types.yml/Color"
        type: enum
        symbols:
          - red
          - green
      - name: "#types.yml/Colors"
        type: record
        fields:
          - type:
              type: array
              items: "#types.yml/Color"
            name: colors
      - name: "#types.yml/Point"
        type: record
        fields:
          - name: x
            type: int
          - name: color
            type: "#types.yml/Color"
          - name: more
            type: "#types.yml/Colors"
    class: SchemaDefRequirement
inputs:
  - type: "#types.yml/Color"
    id: color
steps:
  - run:
      cwlVersion: v1.2
      class: CommandLineTool
      requirements:
        - types:
            - name: "#types.yml/Color"
              type: enum
              symbols:
                - red
                - green
            - name: "#types.yml/Colors"
              type: record
              fields:
                - type:
                    type: array
                    items: "#types.yml/Color"
                  name: colors
            - name: "#types.yml/Point"
              type: record
              fields:
                - name: x
                  type: int
                - name: color
                  type: "#types.yml/Color"
                - name: more
                  type: "#types.yml/Colors"
          class: SchemaDefRequirement
      baseCommand:
        - echo
      inputs:
        - type: "#types.yml/Color"
          inputBinding: {}
          id: typed/color
        - type:
            type: array
            items: "#types.yml/Color"
          inputBinding: {}
          id: typed/given
        - type:
            - "null"
            - "#types.yml/Point"
          id: typed/maybe
        - type: "#types.yml/Point"
          id: typed/point
        - type:
            type: array
            items: "#types.yml/Point"
          id: typed/points
        - type: "#types.yml/Colors"
          id: typed/several
      outputs:
        - type: File
          id: typed/said
          outputBinding:
            glob: said.txt
      stdout: said.txt
    in:
      - source: color
        id: color
      - default:
          - red
        id: given
      - default:
          x: 1
          color: red
          more:
            colors:
              - red
        id: point
      - default: []
        id: points
      - default:
          colors:
            - green
        id: several
    out:
      - said
    id: only
id: main
outputs:
  - type: File
    outputSource: only/said
    id: said
