cwlVersion: v1.2
class: ExpressionTool
id: "{id}"
requirements: {InlineJavascriptRequirement: {}}
inputs: {}
outputs: {o: string}
expression: '${var a = []; while (true) { a.push(new Array(1000).fill(0)); } return {"o": a};}'
