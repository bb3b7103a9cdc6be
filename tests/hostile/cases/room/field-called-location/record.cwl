cwlVersion: v1.2
class: ExpressionTool
id: "{id}"
requirements: {InlineJavascriptRequirement: {}}
inputs:
  r: {type: {type: record, fields: {location: string, path: string}}}
outputs: {o: string}
expression: '${return {"o": inputs.r.location + " and " + inputs.r.path};}'
