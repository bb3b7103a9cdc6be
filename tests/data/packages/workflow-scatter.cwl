cwlVersion: v1.2
class: Workflow
id: workflow-scatter
label: Counts words
doc: One count for each text, and one for each pair.
$namespaces:
  s: https://schema.org/
  iana: https://www.iana.org/assignments/media-types/
s:softwareVersion: "0.3.0"
requirements:
  - class: ScatterFeatureRequirement
  - class: InlineJavascriptRequirement
inputs:
  - id: texts
    type: File[]
    format: iana:text/plain
    label: Texts
  - id: words
    type: string[]
    default:
      - the
      - a
  - id: verbose
    type: boolean
    default: false
outputs:
  - id: counts
    type: int[]
    outputSource: count/words
    label: Words of each text
  - id: found
    type:
      type: array
      items:
        type: array
        items: File
    outputSource: find/lines
  - id: logs
    type: File[]
    outputSource: count/log
    format: iana:text/plain
  - id: report
    type: File?
    outputSource: tell/report
steps:
  - id: count
    scatter: text
    in:
      - id: text
        source: texts
    out:
      - words
      - log
    run:
      class: CommandLineTool
      requirements:
        - class: DockerRequirement
          dockerPull: busybox:stable
        - class: ResourceRequirement
          coresMin: 0.5
          ramMin: 64
      baseCommand:
        - wc
        - -w
      stdin: $(inputs.text.path)
      stdout: count.txt
      stderr: log.txt
      inputs:
        - id: text
          type: File
      outputs:
        - id: words
          type: int
          outputBinding:
            glob: count.txt
            loadContents: true
            outputEval: $(parseInt(self[0].contents))
        - id: log
          type: stderr
  - id: find
    scatter:
      - text
      - word
    scatterMethod: nested_crossproduct
    in:
      - id: text
        source: texts
      - id: word
        source: words
    out:
      - lines
    run:
      class: CommandLineTool
      hints:
        - class: DockerRequirement
          dockerPull: busybox:stable
      baseCommand: grep
      successCodes:
        - 0
        - 1
      inputs:
        - id: word
          type: string
          inputBinding:
            position: 1
        - id: text
          type: File
          inputBinding:
            position: 2
      outputs:
        - id: lines
          type: stdout
  - id: tell
    when: $(inputs.verbose)
    in:
      - id: counts
        source: count/words
      - id: verbose
        source: verbose
    out:
      - report
    requirements:
      - class: DockerRequirement
        dockerPull: busybox:stable
    run:
      class: CommandLineTool
      baseCommand: echo
      inputs:
        - id: counts
          type: int[]
          inputBinding: {}
      outputs:
        - id: report
          type: stdout
