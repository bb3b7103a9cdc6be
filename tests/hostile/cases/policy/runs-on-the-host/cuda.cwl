cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
  'http://commonwl.org/cwltool#CUDARequirement': {cudaVersionMin: '11.4', cudaComputeCapability: '3.0', cudaDeviceCountMin: 1}
baseCommand: "true"
inputs: {}
outputs: {}
