cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
label: {$mixin: "{secret}"}
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs: {}
outputs: {}
