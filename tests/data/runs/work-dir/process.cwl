cwlVersion: v1.2
class: CommandLineTool
id: work-dir
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
  InitialWorkDirRequirement:
    listing:
      - entryname: config/settings.ini
        entry: |
          name=$(inputs.name)
          literal=\$(inputs.name)
      - entryname: copy.txt
        entry: $(inputs.file)
        writable: true
      - entryname: object.json
        entry: '$({list: [1, 2], name: inputs.name})'
      - |
        ${
          return {class: "Directory", basename: "made", listing: [{class: "File", basename: "x", contents: "y"}]};
        }
baseCommand: [sh, -c, "echo more >> copy.txt; cat config/settings.ini copy.txt object.json made/x"]
inputs:
  name: string
  file: File
stdout: all.txt
outputs:
  all: {type: stdout}
  original: {type: string, outputBinding: {outputEval: $(inputs.file.size + "")}}
