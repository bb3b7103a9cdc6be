cwlVersion: v1.2
$graph:
  - id: main
    class: Workflow
    inputs:
      text: string
    outputs:
      said: {type: File, outputSource: only/said}
    steps:
      only: {run: "#say", in: {text: text}, out: [said]}
  - id: say
    class: CommandLineTool
    requirements:
      DockerRequirement: {dockerPull: "busybox:stable"}
      ToolTimeLimit: {timelimit: soon}
    baseCommand: echo
    inputs:
      text: string
    outputs:
      said: stdout
