cwlVersion: v1.2
class: CommandLineTool
requirements:
  SchemaDefRequirement:
    types:
      - name: "#types.yml/Pair"
        type: record
        fields:
          file:
            type: File
            secondaryFiles:
              - .bai
            inputBinding:
              position: 1
          number: int
baseCommand:
  - sh
  - -c
  - "cat \"$1\" \"$1.bai\" \"$2\" \"$2.bai\" \"$3\" \"$3.bai\" \"$4\" \"$4.bai\"; ls \"$(dirname \"$1\")\""
  - sh
inputs:
  file:
    type: File
    secondaryFiles:
      - .bai
      - "^.txt"
      - pattern: "^.idx"
        required: true
      - .none?
    inputBinding:
      position: 1
    default:
      class: File
      secondaryFiles:
        - class: File
          basename: a.idx
          location: files/7e4fa2eb8c7ac089739d5defc4489fad68a100d92082ca35c6b40a4524821f87/a.idx
          size: 6
        - class: File
          basename: a.bam.bai
          location: files/315ce44cba3a07a74cad2a1a3e2b466a71ca56272d08d94c7fbc9f60da2e493b/a.bam.bai
          size: 10
        - class: File
          basename: a.txt
          location: files/10fbdce5d5e2ba7e0249a4a8921faede362fda69bae3c5bb8a59bb1b9407ad5e/a.txt
          size: 6
      basename: a.bam
      location: files/95b925903355973c200244eee676bcd3b32b8f70f295cc415f85581a607421cf/a.bam
      size: 6
  files:
    type: File[]
    secondaryFiles: .bai
    inputBinding:
      position: 2
    default:
      - class: File
        basename: a.bam
        location: files/95b925903355973c200244eee676bcd3b32b8f70f295cc415f85581a607421cf/a.bam
        size: 6
        secondaryFiles:
          - class: File
            basename: a.bam.bai
            location: files/315ce44cba3a07a74cad2a1a3e2b466a71ca56272d08d94c7fbc9f60da2e493b/a.bam.bai
            size: 10
      - class: File
        basename: b.bam
        location: files/0ef753b0db2a4bb7341c602768f8871878eebadfde4ee1c80b10510a4bc3ca2b/b.bam
        size: 6
        secondaryFiles:
          - class: File
            basename: b.bam.bai
            location: files/955210669613be080c33c00e39704d314122b31dd9576af051f66885acd352c9/b.bam.bai
            size: 10
  record:
    type: "#types.yml/Pair"
    inputBinding:
      position: 3
    default:
      file:
        class: File
        basename: b.bam
        location: files/0ef753b0db2a4bb7341c602768f8871878eebadfde4ee1c80b10510a4bc3ca2b/b.bam
        size: 6
        secondaryFiles:
          - class: File
            basename: b.bam.bai
            location: files/955210669613be080c33c00e39704d314122b31dd9576af051f66885acd352c9/b.bam.bai
            size: 10
      number: 1
outputs:
  said: stdout
stdout: out.txt
