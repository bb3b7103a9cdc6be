cwlVersion: v1.2
class: Workflow
id: "{id}"
inputs: {}
outputs: {}
steps:
  a:
    in: {}
    out: []
    run: {class: CommandLineTool, requirements: {DockerRequirement: {dockerPull: "busybox:stable"}}, baseCommand: "true", inputs: {}, outputs: {}}
  b:
    in: {}
    out: []
    run: {class: CommandLineTool, baseCommand: [cat, "{secret}"], inputs: {}, outputs: {}}
