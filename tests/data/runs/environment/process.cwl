cwlVersion: v1.2
class: CommandLineTool
id: environment
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  EnvVarRequirement:
    envDef:
      GREETING: $(inputs.greeting)
      FIXED: "a b"
baseCommand: [sh, -c, 'printf "%s|" "$GREETING" "$FIXED" "$TMPDIR"; test "$HOME" = "$PWD" && env | grep -c CWL_PROCESSES']
inputs: {greeting: string}
successCodes: [0, 1]
stdout: said.txt
outputs: {said: stdout}
