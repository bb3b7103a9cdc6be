cwlVersion: v1.2
class: CommandLineTool
id: every-kind
label: Every kind of result
requirements:
  DockerRequirement:
    dockerPull: busybox:stable
baseCommand:
  - sh
  - -euc
  - |
    printf 'dear reader\n' > letter.txt
    printf 'a,b\r\n' > first.csv
    printf 'c,d\r\n' > second.csv
    printf '\000\377\r\n--\r\n' > noise.bin
    mkdir -p folder/deep
    printf inside > folder/deep/inside.txt
    printf '%s' '{
      "text": "hello", "number": 1.5, "flag": true, "numbers": [1, 2, 3], "record": {"name": "x", "size": 2},
      "bounds": {"bbox": [51.9, 7, 52, 7.1], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"},
      "letter": {"class": "File", "location": "letter.txt"},
      "tables": [{"class": "File", "location": "first.csv"}, {"class": "File", "location": "second.csv"}],
      "noise": {"class": "File", "location": "noise.bin"},
      "folder": {"class": "Directory", "location": "folder"}
    }' > cwl.output.json
inputs: {}
outputs:
  text: string
  number: double
  flag: boolean
  numbers: long[]
  record: Any
  bounds: Any
  letter:
    type: File
    format: https://www.iana.org/assignments/media-types/text/plain
  tables:
    type: File[]
    format: https://www.iana.org/assignments/media-types/text/csv
  noise: File
  folder: Directory
  nothing: string?
