cwlVersion: v1.2
class: Workflow
id: workflow
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
inputs:
  text: string
outputs:
  counted: {type: File, outputSource: count/counted}
  kept: {type: File, outputSource: write/written}
steps:
  count:
    in: {file: write/written}
    out: [counted]
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, "wc -c < $0"]
      inputs: {file: {type: File, inputBinding: {}}}
      outputs: {counted: {type: stdout}}
      stdout: counted.txt
  write:
    in: {text: text}
    out: [written]
    run:
      class: CommandLineTool
      baseCommand: [printf, "%s"]
      inputs: {text: {type: string, inputBinding: {}}}
      outputs: {written: {type: stdout}}
      stdout: written.txt
