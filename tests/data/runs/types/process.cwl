cwlVersion: v1.2
class: CommandLineTool
id: types
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  SchemaDefRequirement:
    types:
      - name: Box
        type: record
        fields:
          west: {type: double, inputBinding: {prefix: --west}}
          crs: {type: {type: enum, symbols: [EPSG4326, EPSG3857]}, inputBinding: {prefix: --crs}}
baseCommand: [echo]
inputs:
  box: {type: "#types/Box", inputBinding: {position: 1}}
  either: {type: [int, string], inputBinding: {position: 2}}
  missing: {type: "int?", inputBinding: {position: 3, prefix: --missing}}
  preset: {type: string, default: usual, inputBinding: {position: 4}}
stdout: said.txt
outputs: {said: stdout}
