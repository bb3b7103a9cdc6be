cwlVersion: v1.2
class: CommandLineTool
id: every-type
label: "Every type: of CWL"
doc: |
  One input of each type,
  and outputs.
$namespaces:
  s: https://schema.org/
s:softwareVersion: "1.4.2"
requirements:
  - class: DockerRequirement
    dockerPull: busybox:stable
  - class: SchemaDefRequirement
    types:
      - name: colour
        type: enum
        symbols:
          - red
          - blue
      - name: point
        type: record
        fields:
          x: double
          "y": double?
baseCommand:
  - echo
  - "yes"
  - "1.0"
  - "012"
  - "-.x"
arguments:
  - $(inputs.t)
  - prefix: -n
    valueFrom: $(inputs.i)
inputs:
  - id: b
    type: boolean
    default: false
  - id: i
    type: int
    inputBinding:
      position: 1
  - id: l
    type: long?
    default: 9007199254740993
  - id: f
    type: float
  - id: d
    type: double?
    default: 0.0000001
  - id: s
    type: string
    default: ""
  - id: t
    type:
      - string
      - int
  - id: e
    type: "#every-type/colour"
  - id: p
    type: "#every-type/point"
  - id: pa
    type:
      type: array
      items: "#every-type/point"
  - id: aa
    type:
      type: array
      items:
        type: array
        items: int
  - id: any
    type: Any
  - id: anything
    type: Any?
  - id: file
    type: File
    secondaryFiles:
      - .bai
    format:
      - https://www.iana.org/assignments/media-types/text/csv
      - https://www.iana.org/assignments/media-types/image/png
  - id: files
    type: File[]
  - id: dir
    type: Directory?
  - id: preset
    type: File
    default:
      class: File
      basename: a.txt
      contents: a
outputs:
  - id: out
    type: stdout
  - id: "n"
    type: int?
    outputBinding:
      glob: "n"
      loadContents: true
  - id: c
    type: "#every-type/colour"
stdout: out.txt
