cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "{service-host}/{id}:1"}
baseCommand: "true"
inputs: {}
outputs: {}
