cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "echo '<script>alert(1)</script>' > o.html; echo '<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>' > o.svg"]
inputs: {}
outputs: {h: {type: File, outputBinding: {glob: o.html}}, s: {type: File, outputBinding: {glob: o.svg}}}
