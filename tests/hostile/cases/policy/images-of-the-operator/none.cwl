cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
baseCommand: [cat, "{secret}"]
inputs: {}
outputs: {}
