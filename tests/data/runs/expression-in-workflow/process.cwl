cwlVersion: v1.2
class: Workflow
id: expression-in-workflow
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
inputs:
  count: int
outputs:
  file: {type: File, outputSource: write/file}
steps:
  double:
    in: {count: count}
    out: [doubled]
    run:
      class: ExpressionTool
      inputs: {count: int}
      outputs: {doubled: int}
      expression: '$({doubled: inputs.count * 2})'
  write:
    in: {count: double/doubled}
    out: [file]
    run:
      class: CommandLineTool
      baseCommand: [printf, "%d"]
      inputs: {count: {type: int, inputBinding: {}}}
      stdout: doubled.txt
      outputs: {file: stdout}
