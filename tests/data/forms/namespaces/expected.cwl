cwlVersion: v1.2
class: Workflow
$namespaces:
  edam: http://edamontology.org/
$schemas:
  - files/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/edam.owl
  - https://edamontology.org/EDAM_1.18.owl
inputs:
  file:
    type: File
    format: edam:format_2330
outputs: []
steps:
  only:
    run:
      cwlVersion: v1.2
      class: CommandLineTool
      s:license: https://spdx.org/licenses/Apache-2.0
      s:author:
        - class: s:Person
          s:name: Somebody
      hints:
        - class: s:Thing
          s:value: 1
      baseCommand: cat
      inputs:
        file:
          type: File
          format: http://edamontology.org/format_2330
      outputs: []
    in:
      file: file
    out: []
