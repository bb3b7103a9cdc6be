cwlVersion: v1.2
class: CommandLineTool
id: config
requirements:
  DockerRequirement:
    dockerPull: busybox:stable
  ResourceRequirement:
    coresMin: 1
    coresMax: 2.5
    ramMin: 512
    ramMax: 4096
    tmpdirMin: 1024
    outdirMin: 2048
  ToolTimeLimit:
    timelimit: 600
inputs: {}
outputs: {}
