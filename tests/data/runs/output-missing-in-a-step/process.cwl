cwlVersion: v1.2
class: Workflow
id: output-missing-in-a-step
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
inputs: {}
outputs:
  last: {type: File, outputSource: second/file}
steps:
  first:
    in: {}
    out: [map]
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, "echo I wrote no map"]
      inputs: {}
      outputs: {map: {type: File, outputBinding: {glob: map.tif}}}
  second:
    in: {given: first/map}
    out: [file]
    run:
      class: CommandLineTool
      baseCommand: "true"
      inputs: {given: File}
      outputs: {file: stdout}
