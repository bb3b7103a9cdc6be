cwlVersion: v1.2
class: CommandLineTool
baseCommand:
  - sh
  - -c
  - "cat \"$1\" \"$1.idx\" \"$2\"/one.txt \"$2\"/deep/two.txt"
  - sh
inputs:
  file:
    type: File
    secondaryFiles:
      - .idx
    inputBinding:
      position: 1
    default:
      class: File
      secondaryFiles:
        - class: File
          basename: some text.txt.idx
          contents: |
            index
          size: 6
      basename: some text.txt
      contents: |
        text
      size: 5
  folder:
    type: Directory
    inputBinding:
      position: 2
    default:
      class: Directory
      basename: folder
      listing:
        - class: Directory
          basename: deep
          listing:
            - class: File
              basename: two.txt
              contents: |
                2
              size: 2
        - class: File
          basename: one.txt
          contents: |
            1
          size: 2
outputs:
  said: stdout
stdout: out.txt
