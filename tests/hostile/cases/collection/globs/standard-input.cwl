cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "cat > o"]
stdin: "{secret}"
inputs: {}
outputs: {o: {type: File, outputBinding: {glob: o}}}
