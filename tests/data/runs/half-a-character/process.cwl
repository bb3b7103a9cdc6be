cwlVersion: v1.2
class: ExpressionTool
id: half-a-character
requirements:
  InlineJavascriptRequirement: {}
inputs: {}
outputs:
  said: string
expression: |
  ${ return {said: "\ud83d\ude00".charAt(0)}; }
