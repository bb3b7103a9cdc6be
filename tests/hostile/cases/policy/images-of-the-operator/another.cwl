cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "example.org/busybox:stable"}
baseCommand: "true"
inputs: {}
outputs: {}
