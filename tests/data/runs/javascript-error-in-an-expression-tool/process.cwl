cwlVersion: v1.2
class: Workflow
id: javascript-error-in-an-expression-tool
requirements:
  InlineJavascriptRequirement: {}
inputs: {text: string}
outputs: {said: {type: string, outputSource: say/said}}
steps:
  say:
    in: {text: text}
    out: [said]
    run:
      class: ExpressionTool
      inputs: {text: string}
      outputs: {said: string}
      expression: |
        ${
          throw new Error("no band for " + inputs.text);
        }
