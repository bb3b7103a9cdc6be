cwlVersion: v1.2
class: CommandLineTool
id: bindings
requirements:
  DockerRequirement:
    dockerPull: busybox:stable
inputs:
  scene:
    type: File
    inputBinding:
      position: 1
  bands:
    type: long[]
    inputBinding:
      prefix: -b
      separate: false
      itemSeparator: ","
      position: 2
  label:
    type: string
    inputBinding:
      prefix: --label=
      separate: false
      valueFrom: $(inputs.scene.basename)
  silent:
    type: string?
  own:
    type: string
    inputBinding:
      position: 5
      prefix: --own
outputs:
  result:
    type: File
    outputBinding:
      glob: out/*.tif
  log:
    type: File
    outputBinding:
      glob:
        - "*.log"
        - $(inputs.label).txt
