cwlVersion: v1.2
class: CommandLineTool
id: runtime
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  ResourceRequirement: {coresMin: 0.25, coresMax: 1, ramMin: 100.5, ramMax: 200, tmpdirMin: 10, outdirMin: 20}
baseCommand: [echo]
arguments: [$(runtime.cores), $(runtime.ram), $(runtime.tmpdirSize), $(runtime.outdirSize), $(runtime.tmpdir)]
inputs: {}
stdout: said.txt
outputs: {said: stdout}
