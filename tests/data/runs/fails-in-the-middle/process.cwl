cwlVersion: v1.2
class: Workflow
id: fails-in-the-middle
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
inputs:
  text: string
outputs:
  last: {type: File, outputSource: third/file}
steps:
  first:
    in: {text: text}
    out: [file]
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, "echo of the first >&2; echo $0"]
      inputs: {text: {type: string, inputBinding: {}}}
      outputs: {file: stdout}
  second:
    in: {given: first/file}
    out: [file]
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, "seq 1 30 >&2; echo no such band >&2; exit 42"]
      inputs: {given: File}
      outputs: {file: stdout}
  third:
    in: {given: second/file}
    out: [file]
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, "echo of the third >&2"]
      inputs: {given: File}
      outputs: {file: stdout}
