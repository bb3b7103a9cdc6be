cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "echo what went wrong >&2; exit 3"]
inputs: {}
outputs: {}
