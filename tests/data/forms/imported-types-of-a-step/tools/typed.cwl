cwlVersion: v1.2
class: CommandLineTool
id: typed
requirements:
  SchemaDefRequirement:
    types:
      - $import: ../lib/types.yml
baseCommand: [echo]
inputs:
  point: "../lib/types.yml#Point"
  points: "../lib/types.yml#Point[]"
  maybe: "../lib/types.yml#Point?"
  color: {type: "../lib/types.yml#Color", inputBinding: {}}
  several: "../lib/types.yml#Colors"
  given: {type: {type: array, items: "../lib/types.yml#Color"}, inputBinding: {}}
outputs:
  said: stdout
stdout: said.txt
