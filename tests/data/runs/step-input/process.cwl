cwlVersion: v1.2
class: Workflow
id: step-input
requirements:
  StepInputExpressionRequirement: {}
  InlineJavascriptRequirement: {}
inputs:
  name: string
  count: int
outputs:
  said: {type: string, outputSource: say/said}
steps:
  say:
    in:
      name: name
      count: count
      text: {source: name, default: nobody, valueFrom: '$(self + "#" + inputs.count)'}
      constant: {valueFrom: "fixed"}
    out: [said]
    run:
      class: ExpressionTool
      inputs: {text: string, constant: string}
      outputs: {said: string}
      expression: '$({said: inputs.text + " " + inputs.constant})'
