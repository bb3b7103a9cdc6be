cwlVersion: v1.2
class: CommandLineTool
id: typed
requirements:
  SchemaDefRequirement:
    types:
      - $import: types.yml
baseCommand: [echo]
inputs:
  point: "types.yml#Point"
  points: "types.yml#Point[]"
  maybe: "types.yml#Point?"
  color: {type: "types.yml#Color", inputBinding: {}}
  several: "types.yml#Colors"
  given: {type: {type: array, items: "types.yml#Color"}, inputBinding: {}}
outputs:
  said: stdout
stdout: said.txt
