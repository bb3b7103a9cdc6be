cwlVersion: v1.2
class: CommandLineTool
id: spelled
https://schema.org/name: Named
https://schema.org/description: Described.
http://schema.org/version: 3
https://schema.org/keywords: [a, b]
https://schema.org/author: {https://schema.org/name: Ada, https://schema.org/url: "https://example.org/ada"}
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs: {}
outputs: {}
