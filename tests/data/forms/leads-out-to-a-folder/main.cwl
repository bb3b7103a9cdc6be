{cwlVersion: v1.2, class: CommandLineTool, baseCommand: ls, inputs: {d: {type: Directory, default: {class: Directory, location: ../d}}}, outputs: []}
