cwlVersion: v1.2
class: Workflow
inputs:
  text: string
outputs:
  said: {type: string, outputSource: lst/said}
steps:
  last:
    run:
      class: ExpressionTool
      requirements: {InlineJavascriptRequirement: {}}
      inputs: {text: string}
      outputs: {said: string}
      expression: "$({said: inputs.text})"
    in:
      text: txt
    out: [said]
