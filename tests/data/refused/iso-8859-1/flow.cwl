cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: echo
label: Größe # für alle
inputs: {größe: {typ: int}}
outputs: {}
