cwlVersion: v1.2
class: CommandLineTool
id: time-limit
requirements:
  DockerRequirement:
    dockerPull: busybox
  ToolTimeLimit:
    timelimit: 2
inputs: {}
outputs: {}
