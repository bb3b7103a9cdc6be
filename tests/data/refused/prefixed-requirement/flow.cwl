cwlVersion: v1.2
class: CommandLineTool
requirements:
  cwltool:MPIRequirement:
    processes: 2
baseCommand: echo
inputs: {}
outputs: {}
$namespaces: {cwltool: 'http://commonwl.org/cwltool#'}
