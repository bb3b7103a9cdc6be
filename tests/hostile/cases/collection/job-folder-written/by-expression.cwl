cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
baseCommand: [sh, -c, "echo x"]
stdout: '$(".." + "/../../{pwn}")'
inputs: {}
outputs: {}
