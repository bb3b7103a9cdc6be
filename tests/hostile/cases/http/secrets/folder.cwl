cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
$namespaces: {cwltool: "http://commonwl.org/cwltool#"}
hints:
  cwltool:Secrets: {secrets: [password]}
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InitialWorkDirRequirement: {listing: [{entryname: conf/netrc, entry: "password $(inputs.password)"}]}
baseCommand: [grep, -q, password, conf/netrc]
inputs: {password: string}
outputs: {all: {type: Directory, outputBinding: {glob: .}}}
