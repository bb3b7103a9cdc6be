cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "mkdir o; echo x > 'o/<script>alert(1)'; echo x > o/%2e%2e; echo x > 'o/a\"b'; echo x > 'o/<img onerror=x>.html'"]
inputs: {}
outputs: {o: {type: Directory, outputBinding: {glob: o}}}
