cwlVersion: v1.0
class: Workflow
id: version-1.0
requirements:
  - class: ScatterFeatureRequirement
inputs:
  - {id: names, type: "string[]"}
outputs:
  - {id: files, type: "File[]", outputSource: "#version-1.0/write/file"}
steps:
  - id: write
    scatter: "#version-1.0/write/name"
    in:
      - {id: name, source: "#version-1.0/names"}
    out: [file]
    run:
      class: CommandLineTool
      hints:
        - {class: DockerRequirement, dockerPull: "busybox:stable"}
      baseCommand: [sh, -c, 'echo $0']
      inputs:
        - {id: name, type: string, inputBinding: {position: 1}}
      stdout: said.txt
      outputs:
        - {id: file, type: stdout}
