cwlVersion: v1.2
class: Workflow
id: "{id}"
requirements: {InlineJavascriptRequirement: {}, ScatterFeatureRequirement: {}}
inputs: {}
outputs: {}
steps:
  list:
    in: {}
    out: [l]
    run:
      class: ExpressionTool
      inputs: {}
      outputs: {l: "int[]"}
      expression: '${var l = []; for (var i = 0; i < 500; i++) l.push(i); return {l: l};}'
  all:
    scatter: [a, b, c]
    scatterMethod: flat_crossproduct
    in: {a: list/l, b: list/l, c: list/l}
    out: [x]
    run:
      class: ExpressionTool
      inputs: {a: int, b: int, c: int}
      outputs: {x: int}
      expression: '${return {x: 1};}'
