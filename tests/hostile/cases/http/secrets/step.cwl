cwlVersion: v1.2
class: Workflow
id: "{id}"
$namespaces: {cwltool: "http://commonwl.org/cwltool#"}
inputs: {password: string}
outputs: {given: {type: string, outputSource: password}}
steps:
  one:
    in: {token: password}
    out: []
    run:
      class: CommandLineTool
      hints:
        cwltool:Secrets: {secrets: [token]}
      requirements:
        DockerRequirement: {dockerPull: "busybox:stable"}
        EnvVarRequirement: {envDef: {TOKEN: $(inputs.token)}}
      baseCommand: [sh, -c, "env; env >&2"]
      inputs: {token: string}
      outputs: {}
