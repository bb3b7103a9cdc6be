cwlVersion: v1.2
class: CommandLineTool
id: water
label: Water bodies
doc:
  - Finds water.
  - In images.
intent: [edam:operation_3443]
$namespaces: {schema: "https://schema.org/", edam: "http://edamontology.org/"}
schema:softwareVersion: 1.4.1
schema:version: 2.0.0
schema:keywords: water, ndwi
schema:license: https://spdx.org/licenses/Apache-2.0
schema:codeRepository: https://example.org/water.git
schema:dateCreated: "2024-05-01"
schema:citation: {class: schema:CreativeWork, schema:name: Water, schema:url: "https://doi.org/10.1/x"}
schema:author:
  - class: schema:Person
    schema:name: Ada
    schema:identifier: https://orcid.org/0000-0000-0000-0001
  - {class: schema:Person, schema:name: Bob, schema:email: bob@example.org, schema:affiliation: {class: schema:Organization, schema:name: Lab}}
schema:contributor: Eve
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: "true"
inputs: {}
outputs: {}
