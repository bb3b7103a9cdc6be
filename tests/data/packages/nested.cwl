cwlVersion: v1.2
class: CommandLineTool
id: nested
label: Every kind of input
doc: |-
  One input of each kind, and
  one output of each kind.
requirements:
  DockerRequirement:
    dockerPull: ghcr.io/example/tool:1.2.3
inputs:
  text:
    type: string
    label: A text
    doc: Any text.
    inputBinding:
      position: 1
      prefix: --text
  whole:
    type: int
    inputBinding:
      position: 2
      prefix: --whole
  long:
    type: long?
    inputBinding:
      position: 3
      prefix: --long
  real:
    type: double?
    default: 0.5
    inputBinding:
      position: 4
      prefix: --real
  flag:
    type: boolean?
    default: false
    inputBinding:
      position: 5
      prefix: --flag
  level:
    type:
      - "null"
      - type: enum
        symbols:
          - low
          - high
    default: low
    inputBinding:
      position: 6
      prefix: --level
  words:
    type: string
    inputBinding:
      position: 7
      prefix: --words
  list:
    type: double[]
    inputBinding:
      position: 8
      prefix: --list
  object:
    type: string?
    default: "{\"a\":1}"
    inputBinding:
      position: 9
      prefix: --object
  bbox:
    type: string
    inputBinding:
      position: 10
      prefix: --bbox
  scene:
    type: File
    inputBinding:
      position: 11
      prefix: --scene
  geometry:
    type: File?
    inputBinding:
      position: 12
      prefix: --geometry
  folder:
    type: Directory?
    inputBinding:
      position: 13
      prefix: --folder
  mixed:
    type:
      - "null"
      - long
      - boolean
    inputBinding:
      position: 14
      prefix: --mixed
outputs:
  raster:
    type: File
    label: A raster
    outputBinding:
      glob:
        - raster
        - raster.*
  count:
    type:
      - File
      - Any
    outputBinding:
      glob:
        - count
        - count.*
  name:
    type:
      - File
      - Any
    outputBinding:
      glob:
        - name
        - name.*
  table:
    type:
      - File
      - Any
    outputBinding:
      glob:
        - table
        - table.*
  tiles:
    type: File[]
    outputBinding:
      glob:
        - tiles.*
        - tiles/*
  folder:
    type: Directory
    outputBinding:
      glob: folder
