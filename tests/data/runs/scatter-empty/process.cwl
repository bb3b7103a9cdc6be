cwlVersion: v1.2
class: Workflow
id: scatter-empty
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  ScatterFeatureRequirement: {}
inputs:
  names: string[]
outputs:
  files: {type: "File[]", outputSource: write/file}
steps:
  write:
    scatter: name
    in: {name: names}
    out: [file]
    run:
      class: CommandLineTool
      baseCommand: touch
      inputs: {name: {type: string, inputBinding: {}}}
      outputs: {file: {type: File, outputBinding: {glob: $(inputs.name)}}}
