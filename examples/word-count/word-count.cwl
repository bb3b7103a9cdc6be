cwlVersion: v1.2
class: CommandLineTool
id: word-count
label: Count words
doc: Counts the words of a text, and how often the most frequent ones occur.
requirements:
  DockerRequirement:
    dockerPull: busybox:stable
baseCommand:
  - sh
  - -euc
  - |
    tr -cs '[:alpha:]' '\n' < "$1" | tr '[:upper:]' '[:lower:]' | grep . > "$TMPDIR/words"
    { echo word,count; sort "$TMPDIR/words" | uniq -c | sort -k1,1nr -k2 | head -n "$2" |
      awk '{ print $2 "," $1 }'; } > frequencies.csv
    printf '{"words": %d, "frequencies": {"class": "File", "location": "frequencies.csv"}}' \
      "$(wc -l < "$TMPDIR/words")" > cwl.output.json
  - word-count
inputs:
  text:
    type: File
    format: https://www.iana.org/assignments/media-types/text/plain
    label: The text
    inputBinding:
      position: 1
  top:
    type: int
    default: 10
    label: How many words to list
    inputBinding:
      position: 2
outputs:
  words:
    type: long
    label: How many words the text has
  frequencies:
    type: File
    format: https://www.iana.org/assignments/media-types/text/csv
    label: The most frequent words
