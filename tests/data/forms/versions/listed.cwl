cwlVersion: v1.0
class: CommandLineTool
id: listed
hints: [{class: LoadListingRequirement, loadListing: no_listing}]
baseCommand: [sh, -c, 'printf %s "$1"', sh]
inputs:
  text: {type: string, inputBinding: {}}
outputs:
  said: {type: string, outputBinding: {glob: out, loadContents: true, outputEval: "$(self[0].contents)"}}
stdout: out
