cwlVersion: v1.0
class: CommandLineTool
$namespaces: {g: "http://formats.example/"}
requirements: {DockerRequirement: {dockerPull: "busybox:stable"}}
baseCommand: cat
inputs:
  file: {type: File, format: [g:other, g:lines], inputBinding: {}}
outputs:
  said: {type: stdout, format: g:text}
stdout: said.txt
