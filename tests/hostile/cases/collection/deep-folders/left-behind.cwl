cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "mkdir o; cd o; i=0; while [ $i -lt 1500 ]; do mkdir a; cd a; i=$((i+1)); done; exit 1"]
inputs: {}
outputs: {o: {type: Directory, outputBinding: {glob: o}}}
