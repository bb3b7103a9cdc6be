cwlVersion: v1.2
class: CommandLineTool
id: tool-in-docker
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, 'cat "$8" > copy.txt; printf "%s|" "$1" "$2" "$3" "$4" "$5" "$6" "$7" "${8##*/}" > said.txt', sh]
inputs:
  text: {type: string, inputBinding: {prefix: --text, position: 1}}
  count: {type: int, inputBinding: {prefix: --count, position: 2}}
  ratio: {type: double?, inputBinding: {prefix: --ratio=, separate: false, position: 3}}
  loud: {type: boolean, inputBinding: {prefix: --loud, position: 4}}
  words: {type: "string[]", inputBinding: {itemSeparator: ",", position: 5}}
  file: {type: File, inputBinding: {position: 6}}
outputs:
  said: {type: string, outputBinding: {glob: said.txt, loadContents: true, outputEval: "$(self[0].contents)"}}
  copy: {type: File, outputBinding: {glob: copy.txt}}
