cwlVersion: v1.2
class: CommandLineTool
id: time-limit
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
  ToolTimeLimit: {timelimit: "$(inputs.most)"}
baseCommand: [sh, -c, "trap '' TERM; echo begun; sleep 100 & wait; sleep 100"]
inputs: {most: int}
outputs: {}
