cwlVersion: v1.2
class: CommandLineTool
requirements:
  - class: InlineJavascriptRequirement
  - $import: requirements.yml
baseCommand: echo
inputs: {}
outputs: {}
