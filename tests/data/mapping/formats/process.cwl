cwlVersion: v1.2
class: CommandLineTool
$namespaces:
  edam: "http://edamontology.org/"
  e: "http://edamontology.org/"
  iana: "https://www.iana.org/assignments/media-types/"
  ogc: "http://www.opengis.net/def/media-type/ogc/1.0/"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  InlineJavascriptRequirement: {}
baseCommand: "true"
inputs:
  edam: {type: "File?", format: edam:format_3752}
  iana: {type: "File?", format: iana:image/png}
  ogc: {type: "File?", format: ogc:geotiff}
  full: {type: "File?", format: "http://www.opengis.net/def/media-type/ogc/1.0/geojson"}
  other_prefix: {type: "File?", format: e:format_2332}
  several: {type: "File?", format: [edam:format_3464, edam:format_2330, "https://example.org/own"]}
  unknown: {type: "File?", format: "https://example.org/own"}
  expression: {type: "File?", format: "$(inputs.x)"}
  list: {type: ["null", {type: array, items: File}], format: edam:format_3475}
outputs:
  y: {type: File, format: edam:format_3464, outputBinding: {glob: y}}
