cwlVersion: v1.2
class: Workflow
id: scatter-too-wide
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  ScatterFeatureRequirement: {}
inputs:
  codes: int[]
outputs:
  files: {type: "File[]", outputSource: part/file}
steps:
  part:
    scatter: [first, second, third]
    scatterMethod: flat_crossproduct
    in: {first: codes, second: codes, third: codes}
    out: [file]
    run:
      class: CommandLineTool
      baseCommand: [echo]
      inputs: {first: int, second: int, third: int}
      outputs: {file: stdout}
