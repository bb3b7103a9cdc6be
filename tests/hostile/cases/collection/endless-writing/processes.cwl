cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, 'for p in 1 2 3 4; do (n=0; while :; do n=$((n+1)); dd if=/dev/zero of=f$p-$n bs=1000000 count=5 2>/dev/null; sleep 0.2; done) & done; wait']
inputs: {}
outputs: {}
