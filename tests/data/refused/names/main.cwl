cwlVersion: v1.2
class: Workflow
inputs:
  text: string
outputs: {}
steps:
  "step: one":
    run: a%20b%23c.cwl
    in: []
    out: []
