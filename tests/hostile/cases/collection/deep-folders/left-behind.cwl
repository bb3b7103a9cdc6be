cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "mkdir -p o/$(printf 'a/%.0s' $(seq 1500)); exit 1"]
inputs: {}
outputs: {o: {type: Directory, outputBinding: {glob: o}}}
