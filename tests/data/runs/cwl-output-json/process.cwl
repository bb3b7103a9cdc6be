cwlVersion: v1.2
class: CommandLineTool
id: cwl-output-json
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand:
  - sh
  - -c
  - |
    echo text > made.txt
    echo '{"count": 42, "list": [1.5, 2], "file": {"class": "File", "path": "made.txt"}}' > cwl.output.json
inputs: {}
outputs:
  count: int
  list: double[]
  file: File
