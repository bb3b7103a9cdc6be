cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs:
  no: {type: boolean, default: false}
  zero: {type: int, default: 0}
  empty: {type: string, default: ""}
  none: {type: {type: array, items: string}, default: []}
  some: {type: {type: array, items: int}, default: [1, 2]}
  record: {type: {type: record, fields: {a: int, f: "File?"}}, default: {a: 1}}
  null_default: {type: "int?", default: null}
  literal: {type: File, default: {class: File, basename: a.txt, contents: "a"}}
  folder: {type: Directory, default: {class: Directory, basename: d, listing: [{class: File, basename: a, contents: ""}]}}
outputs: {}
