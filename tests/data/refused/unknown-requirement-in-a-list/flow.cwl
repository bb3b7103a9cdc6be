cwlVersion: v1.2
class: CommandLineTool
requirements:
  - class: DockerRequirement
    dockerPull: busybox:stable
  - label: needed
    class: SoftwareRequirement
baseCommand: echo
inputs: {}
outputs: {}
