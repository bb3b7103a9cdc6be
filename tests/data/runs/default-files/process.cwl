cwlVersion: v1.2
class: Workflow
inputs:
  image:
    type: File
    secondaryFiles: [.idx]
    default: {class: File, location: data/image.bin}
  tree:
    type: Directory
    default: {class: Directory, location: data/tree}
outputs:
  sums: {type: File, outputSource: sum/sums}
  image: {type: File, secondaryFiles: [.idx], outputSource: image}
steps:
  sum:
    run: sum.cwl
    in:
      image: image
      tree: tree
      text: {default: {class: File, location: data/step.txt}}
    out: [sums]
