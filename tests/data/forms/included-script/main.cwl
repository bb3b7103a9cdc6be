cwlVersion: v1.2
class: CommandLineTool
requirements:
  InlineJavascriptRequirement: {expressionLib: [{$include: lib/twice.js}]}
  InitialWorkDirRequirement:
    listing:
      - entryname: script.sh
        entry: {$include: lib/script.sh}
baseCommand: [sh, script.sh]
arguments: ["$(twice(4))"]
inputs: []
outputs: {said: stdout}
stdout: out.txt
