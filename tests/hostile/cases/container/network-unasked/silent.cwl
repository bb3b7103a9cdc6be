cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "ls /sys/class/net > o"]
inputs: {}
outputs: {o: {type: File, outputBinding: {glob: o}}}
