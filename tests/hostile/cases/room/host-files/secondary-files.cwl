cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
baseCommand: [sh, -c, 'cat "${1%/*}"/* > o', sh]
inputs:
  f:
    type: File
    default: {class: File, basename: f, contents: x}
    secondaryFiles: [{pattern: '${return {"class": "File", "location": "file://{secret}", "basename": "s"};}'}]
    inputBinding: {position: 1}
outputs:
  o: {type: File, outputBinding: {glob: o}}
