cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
$namespaces: {cwltool: "http://commonwl.org/cwltool#"}
hints:
  cwltool:Secrets: {secrets: [password]}
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "echo \"$1\" >&2; exit 1", sh]
inputs: {password: {type: string, inputBinding: {position: 1}}}
outputs: {}
