cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
baseCommand: "true"
inputs:
  x:
    type: File[]
    secondaryFiles:
      - .idx
      - ^.bai?
      - ^^.md
      - pattern: .maybe
        required: false
      - pattern: .asked
        required: $(true)
      - $(self.basename).js
      - pattern: ../above
  y:
    type:
      - "null"
      - type: record
        fields:
          - {name: image, type: File, secondaryFiles: [{pattern: .aux.xml}]}
          - {name: other, type: File?}
outputs: {}
