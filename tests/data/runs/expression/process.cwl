cwlVersion: v1.2
class: ExpressionTool
id: expression
requirements:
  InlineJavascriptRequirement: {}
inputs:
  numbers: double[]
  label: string?
outputs:
  sum: double
  largest: {type: "double?"}
  object: Any
  none: string?
expression: |
  ${
    var sum = inputs.numbers.reduce(function (a, b) { return a + b; }, 0);
    return {
      sum: sum,
      largest: inputs.numbers.length ? Math.max.apply(null, inputs.numbers) : null,
      object: {label: inputs.label, nested: [{text: "Zürich 🕺"}]},
      none: null
    };
  }
