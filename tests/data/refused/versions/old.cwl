cwlVersion: v1.0
class: CommandLineTool
hints:
  - class: ResourceRequirement
    coresMin: 1
  - class: EnvVarRequirement
    envDef: {"A B": "c"}
requirements:
  - class: DockerRequirement
    dockerPull: busybox:stable
baseCommand: echo
inputs:
  text: {type: string, inputBinding: {}}
outputs:
  said: stdout
