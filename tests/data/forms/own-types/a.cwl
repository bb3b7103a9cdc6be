cwlVersion: v1.2
class: CommandLineTool
requirements: {SchemaDefRequirement: {types: [{name: Size, type: enum, symbols: [small, large]}]}}
baseCommand: echo
inputs: {size: {type: Size, inputBinding: {}}}
outputs: []
