cwlVersion: v1.2
class: CommandLineTool
doc: The sizes of files that come from four places.
requirements: {DockerRequirement: {dockerPull: "busybox:stable"}}
baseCommand: [sh, -c, 'for each; do wc -c < "$each"; done', sh]
arguments:
  - $(inputs.image.path)
  - $(inputs.image.path).idx
  - $(inputs.tree.path)/one.txt
  - $(inputs.tree.path)/deep/two.png
  - $(inputs.text.path)
  - $(inputs.own.path)
inputs:
  image: {type: File, secondaryFiles: [.idx]}
  tree: Directory
  text: File
  own:
    type: File
    default: {class: File, location: sum.cwl}
outputs: {sums: stdout}
stdout: sums.txt
