cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
baseCommand: [sh, -c, "ln -s {secret} o"]
inputs: {}
outputs: {o: {type: string, outputBinding: {glob: o, loadContents: true, outputEval: '$(self[0].contents)'}}}
