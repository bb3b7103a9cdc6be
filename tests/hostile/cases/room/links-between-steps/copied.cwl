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
      baseCommand: [sh, -c, "mkdir d; ln -s {secret} d/x"]
      inputs: {}
      outputs: {f: {type: Directory, outputBinding: {glob: d}}}
  b:
    in: {f: a/f}
    out: [o]
    run:
      class: CommandLineTool
      requirements:
        DockerRequirement: {dockerPull: "busybox:stable"}
        InitialWorkDirRequirement:
          listing: [{entryname: w, writable: true, entry: $(inputs.f)}]
      baseCommand: [sh, -c, 'cat w/x > o', sh]
      inputs: {f: {type: Directory, inputBinding: {position: 1}}}
      outputs: {o: {type: File, outputBinding: {glob: o}}}
