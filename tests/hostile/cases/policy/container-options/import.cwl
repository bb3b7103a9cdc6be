cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable", dockerImport: "{service}/image"}
baseCommand: "true"
inputs: {}
outputs: {}
