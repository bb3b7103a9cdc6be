cwlVersion: v1.2
$graph:
  - id: say
    class: CommandLineTool
    requirements:
      DockerRequirement: {dockerPull: "busybox:stable"}
    baseCommand: echo
    inputs:
      text: {type: string, inputBindng: {}}
    outputs:
      said: stdout
  - id: main
    class: Workflow
    inputs:
      text: string
    outputs:
      said: {type: File, outputSource: only/said}
    steps:
      only: {run: "#say", in: {text: text}, out: [said]}
