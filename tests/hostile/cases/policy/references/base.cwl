cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
$base: "file://{secret-folder}/"
doc: {$include: secret.txt}
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs: {}
outputs: {}
