cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  'http://example.com/x#Unknown': {}
baseCommand: "true"
inputs: {}
outputs: {}
