cwlVersion: v1.2
class: ExpressionTool
id: "{id}"
requirements: {InlineJavascriptRequirement: {}}
inputs: {}
outputs: {o: string}
expression: '${var f = require("fs"); return {"o": f.readFileSync("{secret}", "utf8")};}'
