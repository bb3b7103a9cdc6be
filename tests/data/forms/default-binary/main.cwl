cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sh, -c, 'cat "$1" > copy.bin', sh]
inputs:
  file: {type: File, inputBinding: {}, default: {class: File, path: data.bin, basename: "a b#c.bin"}}
outputs: {copy: {type: File, outputBinding: {glob: copy.bin}}}
