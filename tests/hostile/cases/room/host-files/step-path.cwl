cwlVersion: v1.2
class: Workflow
id: "{id}"
requirements: {InlineJavascriptRequirement: {}}
inputs: {}
outputs:
  o: {type: File, outputSource: b/o}
steps:
  a:
    in: {}
    out: [f]
    run:
      class: ExpressionTool
      inputs: {}
      outputs: {f: File}
      expression: '${return {"f": {"class": "File", "path": "{secret}"}};}'
  b:
    in: {f: a/f}
    out: [o]
    run:
      class: CommandLineTool
      requirements: {DockerRequirement: {dockerPull: "busybox:stable"}}
      baseCommand: [sh, -c, 'cat "$1" "$1"/* > o 2>&1; true', sh]
      inputs: {f: {type: File, inputBinding: {position: 1}}}
      outputs: {o: {type: File, outputBinding: {glob: o}}}
