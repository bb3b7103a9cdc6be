cwlVersion: v1.2
class: Workflow
requirements:
  DockerRequirement:
    dockerPull: busybox:stable
  InlineJavascriptRequirement: {}
  MultipleInputFeatureRequirement: {}
  StepInputExpressionRequirement: {}
  SubworkflowFeatureRequirement: {}
hints:
  ResourceRequirement:
    coresMin: 1
    ramMin: 128
inputs:
  first: File
  second: File?
  lines:
    type: int
    default: 3
outputs:
  sorted:
    type: File
    outputSource: sort/sorted
    doc: The first of both.
  head:
    type: File
    outputSource: cut/lines
steps:
  sort:
    run:
      class: Workflow
      inputs:
        files: File[]
      outputs:
        sorted:
          type: File
          outputSource: sort/sorted
      steps:
        pick:
          run:
            class: ExpressionTool
            inputs:
              files: File[]
            outputs:
              first: File
            expression: "${ return {first: inputs.files[0]}; }"
          in:
            files: files
          out:
            - first
        sort:
          run:
            class: CommandLineTool
            baseCommand: sort
            inputs:
              file:
                type: File
                inputBinding: {}
            outputs:
              sorted:
                type: stdout
          in:
            file: pick/first
          out:
            - sorted
    in:
      files:
        source:
          - first
          - second
        linkMerge: merge_flattened
        pickValue: all_non_null
    out:
      - sorted
  cut:
    run:
      cwlVersion: v1.2
      class: CommandLineTool
      requirements:
        ResourceRequirement:
          coresMin: $(1 + 1)
          ramMax: 512
      baseCommand: head
      inputs:
        option:
          type: string
          inputBinding:
            position: 1
        file:
          type: File
          inputBinding:
            position: 2
      outputs:
        lines: stdout
    in:
      file: sort/sorted
      lines: lines
      option:
        valueFrom: "$('-n' + inputs.lines)"
    out:
      - lines
