cwlVersion: v1.1
class: CommandLineTool
id: version-1.1
hints:
  DockerRequirement: {dockerPull: "busybox:stable"}
requirements:
  ToolTimeLimit: {timelimit: 60}
  NetworkAccess: {networkAccess: false}
  LoadListingRequirement: {loadListing: deep_listing}
  WorkReuse: {enableReuse: false}
baseCommand: [sh, -c, "ls /sys/class/net; mkdir -p d/e; echo x > d/e/f"]
inputs: {}
stdout: interfaces.txt
outputs:
  interfaces: {type: stdout}
  found:
    type: int
    outputBinding: {glob: d, outputEval: "$(self[0].listing[0].listing.length)"}
