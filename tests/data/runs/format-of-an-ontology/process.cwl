cwlVersion: v1.2
class: Workflow
$namespaces: {f: "http://formats.example/"}
$schemas: [formats/classes.ttl, formats/same.rdf, formats/none.ttl, "http://127.0.0.1:9/elsewhere.owl"]
inputs:
  file: {type: File, format: f:text}
outputs:
  said: {type: File, format: f:text, outputSource: cat/said}
steps:
  cat: {run: cat.cwl, in: {file: file}, out: [said]}
