cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "dd if=/dev/zero of=o bs=1 count=1 seek=1099511627776"]
inputs: {}
outputs: {o: {type: File, outputBinding: {glob: o}}}
