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
          location: "files/f816b480f87144ec4de5862adf028ff66cc6964250325d53fd22bf8922824b6f/some%20text.txt.idx"
          size: 6
      basename: some text.txt
      location: "files/b9e68e1bea3e5b19ca6b2f98b73a54b73daafaa250484902e09982e07a12e733/some%20text.txt"
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
              location: files/53c234e5e8472b6ac51c1ae1cab3fe06fad053beb8ebfd8977b010655bfdd3c3/two.txt
              size: 2
        - class: File
          basename: one.txt
          location: files/4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865/one.txt
          size: 2
outputs:
  said: stdout
stdout: out.txt
