cwlVersion: v1.2
class: CommandLineTool
requirements:
  SchemaDefRequirement: {types: [{$import: types.yml}]}
baseCommand: [sh, -c, 'cat "$1" "$1.bai" "$2" "$2.bai" "$3" "$3.bai" "$4" "$4.bai"; ls "$(dirname "$1")"', sh]
inputs:
  file:
    type: File
    secondaryFiles: [.bai, ^.txt, {pattern: ^.idx, required: true}, .none?]
    inputBinding: {position: 1}
    default:
      class: File
      location: data/a.bam
      secondaryFiles: [{class: File, location: data/other.idx, basename: a.idx}]
  files:
    type: File[]
    secondaryFiles: .bai
    inputBinding: {position: 2}
    default: [{class: File, location: data/a.bam}, {class: File, location: data/b.bam}]
  record:
    type: types.yml#Pair
    inputBinding: {position: 3}
    default: {file: {class: File, location: data/b.bam}, number: 1}
outputs: {said: stdout}
stdout: out.txt
