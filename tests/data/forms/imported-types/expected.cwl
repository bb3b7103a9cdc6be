cwlVersion: v1.2
class: CommandLineTool
id: typed
requirements:
  SchemaDefRequirement:
    types:
      - name: "#types.yml/Color"
        type: enum
        symbols:
          - red
          - green
      - name: "#types.yml/Colors"
        type: record
        fields:
          colors:
            type:
              type: array
              items: "#types.yml/Color"
      - name: "#types.yml/Point"
        type: record
        fields:
          - name: x
            type: int
          - name: color
            type: "#types.yml/Color"
          - name: more
            type: "#types.yml/Colors"
baseCommand:
  - echo
inputs:
  point: "#types.yml/Point"
  points: "#types.yml/Point[]"
  maybe: "#types.yml/Point?"
  color:
    type: "#types.yml/Color"
    inputBinding: {}
  several: "#types.yml/Colors"
  given:
    type:
      type: array
      items: "#types.yml/Color"
    inputBinding: {}
outputs:
  said: stdout
stdout: said.txt
