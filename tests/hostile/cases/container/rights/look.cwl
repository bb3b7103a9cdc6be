cwlVersion: v1.2
class: CommandLineTool
id: "{id}"
requirements:
  DockerRequirement: {dockerPull: "busybox:stable"}
baseCommand: [sh, -c, "{ id; cat /proc/self/status; echo pids $(cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null); echo files $(ulimit -n); echo core $(ulimit -c); ls /sys/class/net; touch /x && echo writes to /; true; } > o 2>&1"]
inputs: {}
outputs: {o: {type: File, outputBinding: {glob: o}}}
