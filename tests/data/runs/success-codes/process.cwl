cwlVersion: v1.2
class: CommandLineTool
id: success-codes
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "echo fine; exit 17"]
successCodes: [17]
inputs: {}
stdout: said.txt
outputs:
  said: {type: stdout}
  code: {type: int, outputBinding: {outputEval: $(runtime.exitCode)}}
