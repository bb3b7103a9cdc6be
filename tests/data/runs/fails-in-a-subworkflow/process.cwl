cwlVersion: v1.2
class: Workflow
id: fails-in-a-subworkflow
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  SubworkflowFeatureRequirement: {}
inputs: {}
outputs:
  file: {type: File, outputSource: outer/file}
steps:
  outer:
    in: {}
    out: [file]
    run:
      class: Workflow
      inputs: {}
      outputs: {file: {type: File, outputSource: inner/file}}
      steps:
        inner:
          in: {}
          out: [file]
          run:
            class: CommandLineTool
            baseCommand: [sh, -c, "exit 5"]
            inputs: {}
            outputs: {file: stdout}
