cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "mkdir o; echo x > \"$(printf \"o/\\\\377\")\""]
inputs: {}
outputs: {o: {type: Directory, outputBinding: {glob: o}}}
