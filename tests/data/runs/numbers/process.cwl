cwlVersion: v1.2
class: CommandLineTool
id: numbers
requirements: {DockerRequirement: {dockerPull: "busybox:stable"}}
baseCommand: echo
inputs:
  small: {type: float, inputBinding: {position: 1}}
  large: {type: double, inputBinding: {position: 2}}
  plain: {type: double, inputBinding: {position: 3}}
  list: {type: "double[]", inputBinding: {position: 4}}
  own_small: {type: float, default: 1.23e-05, inputBinding: {position: 5}}
  own_large: {type: float, default: 1.23e5, inputBinding: {position: 6}}
outputs: {said: stdout}
stdout: said.txt
