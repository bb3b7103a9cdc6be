cwlVersion: v1.2
class: CommandLineTool
baseCommand: echo
inputs:
  a:
    $mixin: text.yml
    doc: Mine
  b: {$mixin: text.yml, default: {$include: default.txt}}
outputs: []
