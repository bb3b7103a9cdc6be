cwlVersion: v1.2
class: CommandLineTool
id: schema-org
$namespaces:
  s: https://schema.org/
s:softwareVersion: 1.4
s:keywords:
  - crop
  - raster
hints:
  DockerRequirement:
    dockerPull: busybox:stable
baseCommand: "true"
inputs: {}
outputs: {}
