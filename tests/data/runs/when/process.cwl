cwlVersion: v1.2
class: Workflow
id: when
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
  MultipleInputFeatureRequirement: {}
inputs:
  fine: boolean
outputs:
  chosen:
    type: string
    outputSource: [rough/said, exact/said]
    pickValue: the_only_non_null
  skipped: {type: "string?", outputSource: rough/said}
steps:
  rough:
    when: $(!inputs.fine)
    in: {fine: fine}
    out: [said]
    run: &say
      class: CommandLineTool
      baseCommand: [sh, -c, 'test "$0" = true && printf exact || printf rough']
      inputs: {fine: {type: boolean, inputBinding: {valueFrom: "$(String(self))"}}}
      stdout: said.txt
      outputs:
        said: {type: string, outputBinding: {glob: said.txt, loadContents: true, outputEval: "$(self[0].contents)"}}
  exact:
    when: $(inputs.fine)
    in: {fine: fine}
    out: [said]
    run: *say
