cwlVersion: v1.2
class: CommandLineTool
id: crop.cwl
label: Crop
doc:
  - Crops a scene.
  - Slowly.
requirements:
  DockerRequirement:
    dockerPull: busybox:stable
baseCommand: crop
inputs:
  scene:
    type: File
    label: Scene
    doc: What to crop.
    format: https://www.iana.org/assignments/media-types/image/tiff
  width:
    type: int?
    default: 0
  bands: int[]?
outputs:
  cropped:
    type: File
    format: iana:image/tiff
    outputBinding:
      glob: "*.tif"
