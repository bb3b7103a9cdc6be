cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
  InitialWorkDirRequirement:
    listing: [{entryname: '$(".." + "/../../../{pwn}")', entry: x}]
baseCommand: [sh, -c, "cat x x/* > o 2>&1; true"]
inputs: {}
outputs:
  o: {type: File, outputBinding: {glob: o}}
