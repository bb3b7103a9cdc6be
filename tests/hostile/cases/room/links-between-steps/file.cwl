cwlVersion: v1.2
class: Workflow
id: "{id}"
inputs: {}
outputs:
  o: {type: File, outputSource: b/o}
steps:
  a:
    in: {}
    out: [f]
    run:
      class: CommandLineTool
      requirements: {DockerRequirement: {dockerPull: "busybox:stable"}}
      baseCommand: [sh, -c, "ln -s {secret} d"]
      inputs: {}
      outputs: {f: {type: File, outputBinding: {glob: d}}}
  b:
    in: {f: a/f}
    out: [o]
    run:
      class: CommandLineTool
      requirements:
        DockerRequirement: {dockerPull: "busybox:stable"}
      baseCommand: [sh, -c, 'cat "$1" > o', sh]
      inputs: {f: {type: File, inputBinding: {position: 1}}}
      outputs: {o: {type: File, outputBinding: {glob: o}}}
