cwlVersion: v1.2
class: CommandLineTool
requirements: {SchemaDefRequirement: {types: [{$import: ports/types.yml}]}}
baseCommand: echo
inputs:
  - $import: ports/size.yml
outputs: []
