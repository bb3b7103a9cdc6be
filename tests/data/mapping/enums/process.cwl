cwlVersion: v1.2
class: CommandLineTool
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs:
  one: {type: {type: enum, name: colour, symbols: ["#main/one/red", "#main/one/blue"]}}
  several: {type: ["null", {type: array, items: {type: enum, symbols: [a, b]}}]}
  either: {type: ["null", {type: enum, name: first, symbols: [a, b]}, {type: enum, name: second, symbols: [b, c]}]}
  or_text: {type: ["null", {type: enum, symbols: [a]}, string]}
  or_number: {type: ["null", {type: enum, symbols: [a]}, int]}
outputs:
  y: {type: {type: enum, symbols: ["#main/y/a", "#main/y/b"]}}
