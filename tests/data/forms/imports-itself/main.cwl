{cwlVersion: v1.2, class: CommandLineTool, baseCommand: ls, inputs: {$import: a.yml}, outputs: []}
