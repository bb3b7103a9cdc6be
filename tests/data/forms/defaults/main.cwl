cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sh, -c, 'cat "$1" "$1.idx" "$2"/one.txt "$2"/deep/two.txt', sh]
inputs:
  file:
    type: File
    secondaryFiles: [.idx]
    inputBinding: {position: 1}
    default:
      class: File
      location: data/some%20text.txt
      secondaryFiles: [{class: File, location: data/some%20text.txt.idx}]
  folder:
    type: Directory
    inputBinding: {position: 2}
    default: {class: Directory, path: data/folder}
outputs: {said: stdout}
stdout: out.txt
