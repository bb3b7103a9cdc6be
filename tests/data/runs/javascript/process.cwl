cwlVersion: v1.2
class: CommandLineTool
id: javascript
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement:
    expressionLib:
      - |
        var suffix = ".idx";
        function shout(text) { return text.toUpperCase() + "!"; }
baseCommand: [sh, -c, 'echo "$2 $3" > "$1"; touch "$1.idx"; echo 3', sh]
arguments:
  - $(inputs.name + ".txt")
  - valueFrom: ${ return shout(inputs.name); }
inputs:
  name: string
  values:
    type: int[]
    inputBinding:
      position: 1
      valueFrom: $(self.map(function (each) { return each * each; }).join("+"))
stdout: $(inputs.name.length + ".log")
outputs:
  file:
    type: File
    secondaryFiles:
      - pattern: $(self.basename + suffix)
    outputBinding: {glob: '$([inputs.name, "txt"].join("."))'}
  evaluated:
    type: int
    outputBinding:
      glob: "*.log"
      loadContents: true
      outputEval: $(parseInt(self[0].contents) + inputs.values.length)
