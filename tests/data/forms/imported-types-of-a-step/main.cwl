cwlVersion: v1.2
class: Workflow
requirements:
  SchemaDefRequirement:
    types: [{$import: lib/types.yml}]
inputs:
  color: lib/types.yml#Color
outputs:
  said: {type: File, outputSource: only/said}
steps:
  only:
    run: tools/typed.cwl
    in:
      color: color
      point: {default: {x: 1, color: red, more: {colors: [red]}}}
      points: {default: []}
      given: {default: [red]}
      several: {default: {colors: [green]}}
    out: [said]
