cwlVersion: v1.2
class: CommandLineTool
id: command-list
requirements:
  DockerRequirement:
    dockerPull: busybox:stable
baseCommand:
  - sh
  - -c
  - |
    set -eu
    echo "$2" > o.txt
  - sh
inputs:
  "n":
    type: long
    inputBinding:
      position: 1
      prefix: --n
outputs:
  o:
    type: File
    outputBinding:
      glob:
        - o
        - o.*
