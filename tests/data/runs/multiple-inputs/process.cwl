cwlVersion: v1.2
class: Workflow
id: multiple-inputs
requirements:
  MultipleInputFeatureRequirement: {}
  InlineJavascriptRequirement: {}
inputs:
  one: string
  two: string?
  many: string[]
outputs:
  nested: {type: string, outputSource: nest/said}
  flat: {type: string, outputSource: flatten/said}
  present: {type: "string[]", outputSource: [one, two], pickValue: all_non_null}
  first: {type: string, outputSource: [two, one], pickValue: first_non_null}
steps:
  nest:
    in: {given: {source: [one, one], linkMerge: merge_nested}}
    out: [said]
    run: &show
      class: ExpressionTool
      inputs: {given: Any}
      outputs: {said: string}
      expression: '$({said: JSON.stringify(inputs.given)})'
  flatten:
    in: {given: {source: [one, many], linkMerge: merge_flattened}}
    out: [said]
    run: *show
