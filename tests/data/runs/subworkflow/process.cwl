cwlVersion: v1.2
class: Workflow
id: subworkflow
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
  SubworkflowFeatureRequirement: {}
inputs:
  text: string
outputs:
  said: {type: string, outputSource: outer/said}
steps:
  outer:
    in: {text: text}
    out: [said]
    run:
      class: Workflow
      inputs: {text: string}
      outputs: {said: {type: string, outputSource: read/said}}
      steps:
        write:
          in: {text: text}
          out: [file]
          run:
            class: CommandLineTool
            baseCommand: echo
            inputs: {text: {type: string, inputBinding: {}}}
            outputs: {file: stdout}
        read:
          in:
            file: {source: write/file, loadContents: true}
          out: [said]
          run:
            class: ExpressionTool
            inputs: {file: File}
            outputs: {said: string}
            expression: '$({said: inputs.file.contents.trim() + "!"})'
