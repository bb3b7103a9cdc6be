cwlVersion: v1.2
class: Workflow
$namespaces: {f: "http://formats.example/"}
inputs:
  file: {type: File, format: f:text}
outputs:
  said: {type: File, format: f:text, outputSource: cat/said}
steps:
  cat: {run: cat.cwl, in: {file: file}, out: [said]}
