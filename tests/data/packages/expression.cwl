cwlVersion: v1.2
class: ExpressionTool
id: expression
label: Statistics in JavaScript
requirements:
  InlineJavascriptRequirement:
    expressionLib:
      - "function sum(numbers) { return numbers.reduce(function (a, b) { return a + b; }, 0); }"
inputs:
  numbers:
    type: double[]
    doc:
      - At least
      - one.
  unit:
    type: string
    default: m
  names: File?
outputs:
  mean:
    type: double
    label: The mean
  words: string[]
  copy: File?
expression: |
  ${
    return {
      mean: sum(inputs.numbers) / inputs.numbers.length,
      words: inputs.numbers.map(function (each) { return each + " " + inputs.unit; }),
      copy: inputs.names
    };
  }
