cwlVersion: v1.2
class: ExpressionTool
id: "{id}"
requirements: {InlineJavascriptRequirement: {}}
inputs: {}
outputs: {o: File}
expression: '${return {"o": {"class": "File", "location": "{service}/x", "basename": "x"}};}'
