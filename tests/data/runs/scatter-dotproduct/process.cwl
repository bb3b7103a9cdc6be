cwlVersion: v1.2
class: Workflow
id: scatter-dotproduct
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  ScatterFeatureRequirement: {}
inputs:
  names: string[]
  texts: string[]
outputs:
  files: {type: "File[]", outputSource: write/file}
steps:
  write:
    scatter: [name, text]
    scatterMethod: dotproduct
    in: {name: names, text: texts}
    out: [file]
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, 'printf "%s" "$1" > "$0.txt"']
      inputs:
        name: {type: string, inputBinding: {position: 1}}
        text: {type: string, inputBinding: {position: 2}}
      outputs: {file: {type: File, outputBinding: {glob: "*.txt"}}}
