cwlVersion: v1.2
class: ExpressionTool
id: "{id}"
requirements: {InlineJavascriptRequirement: {}}
inputs: {}
outputs: {o: string}
expression: '${return {"o": this.constructor.constructor("return process")().env.PATH};}'
