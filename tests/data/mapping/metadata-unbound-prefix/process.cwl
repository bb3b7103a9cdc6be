cwlVersion: v1.2
class: CommandLineTool
id: unbound
label: ""
s:name: Named
s:softwareVersion: 0.1
s:keywords: []
s:author: {s:email: "a@example.org"}
s:codeRepository: git@example.org:a
other:author: nobody
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs: {}
outputs: {}
