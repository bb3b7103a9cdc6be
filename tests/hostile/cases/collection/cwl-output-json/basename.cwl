cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "echo x > d; echo '{\"o\": {\"class\": \"File\", \"path\": \"d\", \"basename\": \"../../../../{pwn}\"}}' > cwl.output.json"]
inputs: {}
outputs: {o: {type: File, outputBinding: {glob: o}}}
