cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  SoftwareRequirement: {packages: [{package: sh}]}
baseCommand: "true"
inputs: {}
outputs: {}
