cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable", dockerOutputDirectory: "/etc"}
baseCommand: "true"
inputs: {}
outputs: {}
