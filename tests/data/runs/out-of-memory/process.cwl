cwlVersion: v1.2
class: CommandLineTool
id: out-of-memory
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  ResourceRequirement: {ramMin: 16, ramMax: 24}
baseCommand: [sh, -c, "exec tail /dev/zero"]
inputs: {}
outputs: {}
