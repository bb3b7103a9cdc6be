cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [printf, '%s\n', --]
arguments: []
inputs: {a: {type: "string[]", inputBinding: {position: 1}}}
stdout: o
outputs: {o: stdout}
