cwlVersion: v1.2
class: Workflow
id: both
inputs:
  text: string
outputs:
  said:
    type: string
    outputSource: last/said
steps:
  first:
    run:
      cwlVersion: v1.2
      class: CommandLineTool
      baseCommand:
        - sh
        - -c
        - "printf %s \"$1\""
        - sh
      inputs:
        text:
          type: string
          inputBinding: {}
      outputs:
        said:
          type: string
          outputBinding:
            glob: out
            loadContents: true
            outputEval: $(self[0].contents)
      stdout: out
      hints:
        NetworkAccess:
          networkAccess: true
        LoadListingRequirement:
          loadListing: deep_listing
    in:
      text: text
    out:
      - said
  middle:
    run:
      cwlVersion: v1.2
      class: CommandLineTool
      baseCommand:
        - sh
        - -c
        - "printf %s \"$1\""
        - sh
      inputs:
        text:
          type: string
          inputBinding: {}
      outputs:
        said:
          type: string
          outputBinding:
            glob: out
            loadContents: true
            outputEval: $(self[0].contents)
      stdout: out
    in:
      text: first/said
    out:
      - said
  last:
    run:
      cwlVersion: v1.2
      class: CommandLineTool
      hints:
        - class: NetworkAccess
          networkAccess: true
        - class: LoadListingRequirement
          loadListing: deep_listing
        - class: LoadListingRequirement
          loadListing: no_listing
      baseCommand:
        - sh
        - -c
        - "printf %s \"$1\""
        - sh
      inputs:
        text:
          type: string
          inputBinding: {}
      outputs:
        said:
          type: string
          outputBinding:
            glob: out
            loadContents: true
            outputEval: $(self[0].contents)
      stdout: out
    in:
      text: middle/said
    out:
      - said
