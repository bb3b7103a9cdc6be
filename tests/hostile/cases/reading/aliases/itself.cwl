cwlVersion: v1.2
class: CommandLineTool
inputs: &inputs
  a: *inputs
outputs: {}
