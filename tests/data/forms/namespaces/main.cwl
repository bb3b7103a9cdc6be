cwlVersion: v1.2
class: Workflow
$namespaces: {edam: 'http://edamontology.org/'}
$schemas: [edam.owl, 'https://edamontology.org/EDAM_1.18.owl']
inputs: {file: {type: File, format: edam:format_2330}}
outputs: []
steps:
  only: {run: tool.cwl, in: {file: file}, out: []}
