cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "mkdir -p o/e; mkfifo o/pipe; cp /bin/busybox o/b; chmod 4755 o/b; echo x > o/e/f; chmod 000 o/e/f o/e o"]
inputs: {}
outputs: {o: {type: Directory, outputBinding: {glob: o}}}
