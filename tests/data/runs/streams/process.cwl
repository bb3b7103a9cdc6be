cwlVersion: v1.2
class: CommandLineTool
id: streams
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "tr a-z A-Z; echo aside >&2"]
inputs:
  text: {type: stdin}
stdout: upper.txt
stderr: $(inputs.text.nameroot).err
outputs:
  upper: {type: stdout}
  aside: {type: stderr}
