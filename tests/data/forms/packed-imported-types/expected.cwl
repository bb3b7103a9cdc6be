class: CommandLineTool
id: main
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
    id: color
  - type:
      type: array
      items: "#types.yml/Color"
    inputBinding: {}
    id: given
  - type:
      - "null"
      - "#types.yml/Point"
    id: maybe
  - type: "#types.yml/Point"
    id: point
  - type:
      type: array
      items: "#types.yml/Point"
    id: points
  - type: "#types.yml/Colors"
    id: several
stdout: said.txt
outputs:
  - type: File
    id: said
    outputBinding:
      glob: said.txt
cwlVersion: v1.2
