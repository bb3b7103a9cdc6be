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
      baseCommand: [sh, -c, "echo '{\"f\": {\"class\": \"Directory\", \"location\": \"file://{secret-folder}\", \"basename\": \"d\"}}' > cwl.output.json"]
      inputs: {}
      outputs: {f: {type: Directory, outputBinding: {glob: d}}}
  b:
    in: {f: a/f}
    out: [o]
    run:
      class: CommandLineTool
      requirements:
        DockerRequirement: {dockerPull: "busybox:stable"}
      baseCommand: [sh, -c, 'cat "$1"/secret.txt > o', sh]
      inputs: {f: {type: Directory, inputBinding: {position: 1}}}
      outputs: {o: {type: File, outputBinding: {glob: o}}}
