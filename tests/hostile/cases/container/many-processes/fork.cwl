cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "trap \"\" TERM; i=0; while [ $i -lt 600 ]; do sleep 5 & i=$((i+1)); done 2> /dev/null; echo started $i > o; kill -9 -1"]
inputs: {}
outputs: {o: {type: File, outputBinding: {glob: o}}}
