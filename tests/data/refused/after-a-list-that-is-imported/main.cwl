cwlVersion: v1.2
class: CommandLineTool
requirements:
  - $import: requirements.yml
  - class: SoftwareRequirement
baseCommand: echo
inputs: {}
outputs: {}
