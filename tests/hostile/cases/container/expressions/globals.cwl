cwlVersion: v1.2
class: ExpressionTool
id: "{id}"
requirements: {InlineJavascriptRequirement: {}}
inputs: {}
outputs: {o: string}
expression: '${return {"o": [typeof require, typeof process, typeof os, typeof std, typeof setTimeout, typeof fetch].join(" ")};}'
