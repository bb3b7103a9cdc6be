cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs:
  number: {type: ["null", int, float]}
  file_or_text: {type: ["null", File, string]}
  file_or_number: {type: ["null", File, int]}
  one_or_many: {type: ["null", File, {type: array, items: File}]}
  lists: {type: ["null", int, {type: array, items: [int, string]}]}
  records:
    type:
      - "null"
      - {type: record, name: first, fields: {a: int}}
      - {type: record, name: second, fields: {a: string, f: "File?"}}
      - {type: record, name: third, fields: {b: {type: {type: enum, symbols: [x]}}}}
  open: {type: ["null", {type: record, name: left, fields: {a: "int?"}}, {type: record, name: right, fields: {b: "int?"}}]}
  file_or_record: {type: ["null", File, {type: record, fields: {f: File}}]}
  truth: {type: ["null", boolean, string]}
outputs:
  y: {type: ["null", int, File, string]}
