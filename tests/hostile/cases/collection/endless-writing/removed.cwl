cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, 'for n in 1 2 3 4; do (exec 3>f$n; rm f$n; dd if=/dev/zero bs=1000000 count=50 >&3 2>/dev/null; sleep 600) & done; wait']
inputs: {}
outputs: {}
