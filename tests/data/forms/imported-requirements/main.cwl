cwlVersion: v1.2
class: CommandLineTool
requirements: {$import: all.yml}
hints:
  - $import: hints.yml
  - class: WorkReuse
    enableReuse: false
baseCommand: env
inputs: []
outputs: {said: stdout}
stdout: out.txt
