cwlVersion: v1.2
class: CommandLineTool
requirements:
  InlineJavascriptRequirement:
    expressionLib:
      - |
        function twice(n) {
          return 2 * n;
        }
  InitialWorkDirRequirement:
    listing:
      - entryname: script.sh
        entry: |
          # Says "it":
          printf '%s|' "\$1" a\\b  # and ends
baseCommand:
  - sh
  - script.sh
arguments:
  - $(twice(4))
inputs: []
outputs:
  said: stdout
stdout: out.txt
