cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
label: "<script>alert(1)</script>"
doc: "<img src=x onerror=alert(1)>"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs:
  a: {type: "string?", label: "<script>alert(2)</script>", doc: "</pre><img src=x>"}
outputs: {}
