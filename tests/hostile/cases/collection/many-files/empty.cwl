cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "mkdir o; cd o; seq 110000 | xargs touch"]
inputs: {}
outputs: {o: {type: Directory, outputBinding: {glob: o}}}
