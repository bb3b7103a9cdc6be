cwlVersion: v1.2
class: CommandLineTool
id: many
requirements:
  DockerRequirement:
    dockerPull: busybox
inputs:
  numbers:
    type: long[]?
    inputBinding:
      position: 1
      prefix: --numbers
  scenes:
    type: File[]
    inputBinding:
      position: 2
      prefix: --scenes
  objects:
    type: string[]
    inputBinding:
      position: 3
      prefix: --objects
  words:
    type:
      type: array
      items:
        type: enum
        symbols:
          - a
          - b
    inputBinding:
      position: 4
      prefix: --words
outputs:
  tiles:
    type: File[]?
    outputBinding:
      glob:
        - tiles.*
        - tiles/*
  folders:
    type: Directory[]
    outputBinding:
      glob:
        - folders.*
        - folders/*
