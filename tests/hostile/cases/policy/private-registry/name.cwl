cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "localhost:1/{id}:1"}
baseCommand: "true"
inputs: {}
outputs: {}
