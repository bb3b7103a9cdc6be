cwlVersion: v1.2
class: CommandLineTool
$namespaces: {e: 'http://edamontology.org/', s: 'https://schema.org/'}
$schemas: [edam.owl]
s:license: https://spdx.org/licenses/Apache-2.0
s:author: [{class: s:Person, s:name: Somebody}]
hints: [{class: s:Thing, s:value: 1}]
baseCommand: cat
inputs: {file: {type: File, format: e:format_2330}}
outputs: []
