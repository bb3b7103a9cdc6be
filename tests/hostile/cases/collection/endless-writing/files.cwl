cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, 'n=0; while :; do n=$((n+1)); dd if=/dev/zero of=f$n bs=1000000 count=5 2>/dev/null; sleep 0.05; done']
inputs: {}
outputs: {}
