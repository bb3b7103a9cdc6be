cwlVersion: v1.2
class: CommandLineTool
requirements:
  EnvVarRequirement:
    envDef:
      GREETING: hello
  InlineJavascriptRequirement: {}
hints:
  - class: ToolTimeLimit
    timelimit: 60
  - class: ResourceRequirement
    coresMin: 1
  - class: WorkReuse
    enableReuse: false
baseCommand: env
inputs: []
outputs:
  said: stdout
stdout: out.txt
