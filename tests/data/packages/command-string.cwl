cwlVersion: v1.2
class: CommandLineTool
id: command-string
requirements:
  DockerRequirement:
    dockerPull: busybox:stable
baseCommand:
  - sh
  - -c
  - "echo \"two words\""
  - a b
inputs: {}
outputs: {}
