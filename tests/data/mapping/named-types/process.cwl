cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
hints:
  SchemaDefRequirement:
    types:
      - {name: "#types.yml/Colour", type: enum, symbols: ["#types.yml/Colour/red", "#types.yml/Colour/blue"]}
      - {name: "#types.yml/Box", type: record, fields: [{name: "#types.yml/Box/size", type: double}, {name: "#types.yml/Box/colour", type: "#types.yml/Colour"}]}
      - {name: "#other.yml/Colour", type: record, fields: [{name: "#other.yml/Colour/rgb", type: string}]}
inputs:
  box: {type: "#types.yml/Box"}
  boxes: {type: ["null", {type: array, items: "#types.yml/Box"}]}
  other: {type: ["null", "#other.yml/Colour"]}
outputs:
  box: {type: "#types.yml/Box"}
