cwlVersion: v1.2
class: ExpressionTool
id: "{id}"
requirements: {InlineJavascriptRequirement: {}}
inputs: {}
outputs: {o: Directory}
expression: '${return {"o": {"class": "Directory", "location": "file://{secret-folder}", "basename": "d"}};}'
