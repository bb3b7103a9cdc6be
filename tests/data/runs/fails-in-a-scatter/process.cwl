cwlVersion: v1.2
class: Workflow
id: fails-in-a-scatter
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  ScatterFeatureRequirement: {}
inputs:
  codes: int[]
outputs:
  files: {type: "File[]", outputSource: part/file}
steps:
  part:
    scatter: code
    in: {code: codes}
    out: [file]
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, "echo this is $0 >&2; exit $0"]
      inputs: {code: {type: int, inputBinding: {}}}
      outputs: {file: stdout}
