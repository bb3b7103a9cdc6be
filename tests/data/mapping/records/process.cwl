cwlVersion: v1.2
class: CommandLineTool
$namespaces: {edam: "http://edamontology.org/"}
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs:
  x:
    type:
      type: record
      fields:
        name: string
        file: {type: File, format: edam:format_3752}
        more: File[]?
        folder: Directory?
        inner:
          type:
            - "null"
            - type: record
              fields: {scale: double, mask: "File?"}
outputs:
  y:
    type:
      type: record
      fields: {count: long, file: File, inner: {type: {type: record, fields: {files: "File[]"}}}}
