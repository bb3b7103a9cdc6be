cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "head -c 100000 /dev/zero | tr \"\\\\0\" \"[\" > cwl.output.json"]
inputs: {}
outputs: {o: {type: File, outputBinding: {glob: o}}}
