{cwlVersion: v1.2, class: CommandLineTool, baseCommand: ls, inputs: {d: {type: File, default: {class: File, location: 'file:///etc/passwd'}}}, outputs: []}
