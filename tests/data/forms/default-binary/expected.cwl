cwlVersion: v1.2
class: CommandLineTool
baseCommand:
  - sh
  - -c
  - "cat \"$1\" > copy.bin"
  - sh
inputs:
  file:
    type: File
    inputBinding: {}
    default:
      class: File
      basename: "a b#c.bin"
      location: "files/ce5b4df4d8472cd4b316256ec394116024b322a6faffd2c4a93646ec46536f2d/a%20b%23c.bin"
      size: 10
outputs:
  copy:
    type: File
    outputBinding:
      glob: copy.bin
