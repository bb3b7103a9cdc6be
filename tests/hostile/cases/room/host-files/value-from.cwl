cwlVersion: v1.2
class: Workflow
id: "{id}"
requirements: {InlineJavascriptRequirement: {}, StepInputExpressionRequirement: {}}
inputs: {}
outputs:
  o: {type: File, outputSource: b/o}
steps:
  b:
    in: {f: {valueFrom: '${return {"class": "File", "location": "file://{secret}"};}'}}
    out: [o]
    run:
      class: CommandLineTool
      requirements: {DockerRequirement: {dockerPull: "busybox:stable"}}
      baseCommand: [sh, -c, 'cat "$1" > o', sh]
      inputs: {f: {type: File, inputBinding: {position: 1}}}
      outputs: {o: {type: File, outputBinding: {glob: o}}}
