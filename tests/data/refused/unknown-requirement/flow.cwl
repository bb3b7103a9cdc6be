# Nothing here meets it.
cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  # See above.
  SoftwareRequirement:
    packages: []
baseCommand: echo
inputs: {}
outputs: {}
