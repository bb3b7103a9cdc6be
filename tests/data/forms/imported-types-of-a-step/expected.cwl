cwlVersion: v1.2
class: Workflow
requirements:
  SchemaDefRequirement:
    types:
      - name: "#lib/types.yml/Color"
        type: enum
        symbols:
          - red
          - green
      - name: "#lib/types.yml/Colors"
        type: record
        fields:
          colors:
            type:
              type: array
              items: "#lib/types.yml/Color"
      - name: "#lib/types.yml/Point"
        type: record
        fields:
          - name: x
            type: int
          - name: color
            type: "#lib/types.yml/Color"
          - name: more
            type: "#lib/types.yml/Colors"
inputs:
  color: "#lib/types.yml/Color"
outputs:
  said:
    type: File
    outputSource: only/said
steps:
  only:
    run:
      cwlVersion: v1.2
      class: CommandLineTool
      requirements:
        SchemaDefRequirement:
          types:
            - name: "#lib/types.yml/Color"
              type: enum
              symbols:
                - red
                - green
            - name: "#lib/types.yml/Colors"
              type: record
              fields:
                colors:
                  type:
                    type: array
                    items: "#lib/types.yml/Color"
            - name: "#lib/types.yml/Point"
              type: record
              fields:
                - name: x
                  type: int
                - name: color
                  type: "#lib/types.yml/Color"
                - name: more
                  type: "#lib/types.yml/Colors"
      baseCommand:
        - echo
      inputs:
        point: "#lib/types.yml/Point"
        points: "#lib/types.yml/Point[]"
        maybe: "#lib/types.yml/Point?"
        color:
          type: "#lib/types.yml/Color"
          inputBinding: {}
        several: "#lib/types.yml/Colors"
        given:
          type:
            type: array
            items: "#lib/types.yml/Color"
          inputBinding: {}
      outputs:
        said: stdout
      stdout: said.txt
    in:
      color: color
      point:
        default:
          x: 1
          color: red
          more:
            colors:
              - red
      points:
        default: []
      given:
        default:
          - red
      several:
        default:
          colors:
            - green
    out:
      - said
