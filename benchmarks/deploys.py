"""How long a large document takes to be registered, and to be refused."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from benchmarks.options import Options
from benchmarks.server import Server, say, serving
from benchmarks.table import GOAL_HEADER, Section, Table, goal, spread
from cwl_bridge import deploy

TOOLS = 22
LIMIT_SECONDS = 1.0

REGISTERED, REFUSED = "registered", "refused"

NOTE = """\
`POST /processes` of a `$graph` of {lines} lines, a Workflow of {tools} tools, {deploys} times, each with other labels;
one before them does not count. Refused: one tool has a type that there is none of, so that cwltool says so and the
error is placed in the text that was sent."""

_TOOL = """\
- id: tool-{number}
  class: CommandLineTool
  label: Round {round}
  requirements:
    DockerRequirement:
      dockerPull: busybox:stable
    ResourceRequirement:
      coresMin: 1
      ramMin: 64
  baseCommand: echo
  inputs:
    text:
      type: {type}
      inputBinding:
        position: 1
  outputs:
    said: stdout
  stdout: said.txt
"""
_STEP = """\
    step-{number}:
      run: "#tool-{number}"
      in: {{text: text}}
      out: [said]
"""
_WORKFLOW = """\
cwlVersion: v1.2
$graph:
- id: bench-graph
  class: Workflow
  inputs:
    text: string
  outputs:
    said: {type: File, outputSource: step-0/said}
  steps:
"""


def measure(options: Options, folder: Path) -> Section:
    times: dict[str, list[float]] = {REGISTERED: [], REFUSED: []}
    with serving(folder, options) as server:
        for number in range(options.deploys + 1):
            say(f"deploys: {number} of {options.deploys}")
            for name, found in times.items():
                found.append(_deploy(server, document(number, "string" if name == REGISTERED else "integer"), name))
    counted = {name: found[1:] for name, found in times.items()}
    table = Table(["", "median", "min", "max"], [spread(name, found) for name, found in counted.items()])
    goals = [
        goal(f"{name}, median", statistics.median(each), LIMIT_SECONDS, "{:.2f} s") for name, each in counted.items()
    ]
    note = NOTE.format(lines=document(0, "string").count("\n"), tools=TOOLS, deploys=options.deploys)
    return Section("Deploys", note, [table, Table(GOAL_HEADER, goals)])


def document(number: int, last: str) -> str:
    """The `$graph`; `last`: the type of the input of its last tool."""
    types = ["string"] * (TOOLS - 1) + [last]
    steps = "".join(_STEP.format(number=each) for each in range(TOOLS))
    tools = "".join(_TOOL.format(number=each, round=number, type=types[each]) for each in range(TOOLS))
    return _WORKFLOW + steps + tools


def _deploy(server: Server, text: str, expected: str) -> float:
    """Seconds."""
    began = time.perf_counter()
    answer = server.http.post("/processes", content=text.encode(), headers={"Content-Type": deploy.CWL_YAML})
    took = time.perf_counter() - began
    if expected == REGISTERED:
        assert answer.status_code == 201, answer.text
        assert server.http.delete(answer.headers["location"]).status_code == 204
    else:
        assert [each["line"] for each in answer.json()["errors"]] == [text[: text.index("integer")].count("\n") + 1]
    return took
