cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, 'n=0; while :; do mkdir d$n; (cd d$n; seq 20000 | xargs touch); n=$((n+1)); done']
inputs: {}
outputs: {}
