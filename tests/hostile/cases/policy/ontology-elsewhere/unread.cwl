cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
$schemas: ["{service}/schemas"]
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs: {}
outputs: {}
