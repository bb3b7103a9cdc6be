cwlVersion: v1.2
class: Workflow
id: scatter-flat
requirements:
  ScatterFeatureRequirement: {}
  InlineJavascriptRequirement: {}
inputs:
  rows: string[]
  columns: string[]
outputs:
  cells: {type: "string[]", outputSource: cell/cell}
steps:
  cell:
    scatter: [row, column]
    scatterMethod: flat_crossproduct
    in: {row: rows, column: columns}
    out: [cell]
    run:
      class: ExpressionTool
      inputs: {row: string, column: string}
      outputs: {cell: string}
      expression: '$({cell: inputs.row + inputs.column})'
