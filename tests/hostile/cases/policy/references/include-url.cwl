cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
doc: {$include: "{service}/include"}
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs: {}
outputs: {}
