cwlVersion: v1.2
class: ExpressionTool
id: "{id}"
requirements: {InlineJavascriptRequirement: {}}
inputs: {}
outputs: {o: Any}
expression: '${return {"o": {"a": [{"class": "File", "location": "file://{secret}"}]}};}'
