"""Jobs whose provenance is looked at: what they are given and give has every form that CWL has."""

from __future__ import annotations

import base64
from typing import Any

from tests.live import SHELL, Server, shell_tool

CWL = "application/cwl+json"
NAME = "ünï cöde#1%20.txt"


def data(text: str, name: str) -> dict[str, Any]:
    content = base64.b64encode(text.encode()).decode()
    return {"class": "File", "location": f"data:;base64,{content}", "basename": name}


RECORD = {
    "type": "record",
    "name": "pair",
    "fields": {"left": "File", "count": "int"},
}

TOOL = shell_tool(
    'cat "$1" "$2" "$3" > all.txt; cp all.txt all.txt.idx; mkdir -p tree/deep; cp all.txt tree; cp "$1" tree/deep; '
    "echo 1 > part1; echo 2 > part2",
    id="traced-tool",
    label="Every form of data",
    arguments=[{"position": 1, "valueFrom": "$(inputs.main.secondaryFiles[0].path)"}],
    inputs={
        "main": {"type": "File", "secondaryFiles": [".idx"], "inputBinding": {"position": 0}},
        "list": {"type": "File[]", "inputBinding": {"position": 2}},
        "tree": "Directory",
        "pair": {"type": RECORD},
        "number": "int",
        "large": "long",
        "text": "string",
        "words": "string[]",
        "flag": "boolean",
        "missing": "File?",
    },
    outputs={
        "all": {"type": "File", "secondaryFiles": [".idx"], "outputBinding": {"glob": "all.txt"}},
        "made": {"type": "Directory", "outputBinding": {"glob": "tree"}},
        "parts": {"type": "File[]", "outputBinding": {"glob": "part*"}},
        "nothing": {"type": "File?", "outputBinding": {"glob": "nothing"}},
    },
)

TOOL_INPUTS = {
    "main": {"value": {**data("main ", NAME), "secondaryFiles": [data("index ", NAME + ".idx")]}},
    "list": [{"value": "one", "mediaType": "text/plain"}, {"value": "two", "mediaType": "text/plain"}],
    "tree": {
        "value": {
            "class": "Directory",
            "basename": "tree",
            "listing": [
                data("A", "a"),
                {"class": "Directory", "basename": "deep", "listing": [data("B", "b")]},
            ],
        }
    },
    "pair": {"value": {"left": data("left", "left.txt"), "count": 3}},
    "number": 5,
    "large": 1 << 40,
    "text": 'a "quoted"\nback\\slash ü',
    "words": ["to", "be"],
    "flag": True,
}

_ECHO = {
    "class": "CommandLineTool",
    "baseCommand": ["echo"],
    "inputs": {"word": {"type": "string", "inputBinding": {}}},
    "outputs": {"said": "stdout"},
}
_INNER = {
    "class": "Workflow",
    "inputs": {"file": "File"},
    "outputs": {"counted": {"type": "File", "outputSource": "count/counted"}},
    "steps": {
        "count": {
            "in": {"file": "file"},
            "out": ["counted"],
            "run": {
                "class": "CommandLineTool",
                "baseCommand": ["wc", "-c"],
                "inputs": {"file": {"type": "File", "inputBinding": {}}},
                "outputs": {"counted": "stdout"},
            },
        }
    },
}

#: A scattered step, a subworkflow, an expression, and a step that is never run.
FLOW = {
    "cwlVersion": "v1.2",
    "class": "Workflow",
    "id": "traced-flow",
    "label": "Words, counted",
    "requirements": [
        SHELL,
        {"class": "ScatterFeatureRequirement"},
        {"class": "SubworkflowFeatureRequirement"},
        {"class": "InlineJavascriptRequirement"},
        {"class": "StepInputExpressionRequirement"},
    ],
    "inputs": {"words": "string[]"},
    "outputs": {
        "said": {"type": "File[]", "outputSource": "say/said"},
        "counted": {"type": "File", "outputSource": "inside/counted"},
        "number": {"type": "int", "outputSource": "number/number"},
    },
    "steps": [
        {"id": "say", "in": {"word": "words"}, "out": ["said"], "scatter": "word", "run": _ECHO},
        {
            "id": "inside",
            "in": {"file": {"source": "say/said", "valueFrom": "$(self[0])"}},
            "out": ["counted"],
            "run": _INNER,
        },
        {
            "id": "number",
            "in": {"words": "words"},
            "out": ["number"],
            "run": {
                "class": "ExpressionTool",
                "inputs": {"words": "string[]"},
                "outputs": {"number": "int"},
                "expression": "${ return {number: inputs.words.length}; }",
            },
        },
        {
            "id": "never",
            "in": {"word": {"default": "no"}},
            "out": ["said"],
            "when": "$(inputs.word == 'yes')",
            "run": _ECHO,
        },
    ],
}

FAILING = shell_tool("echo on >&2; exit 3", id="traced-failing", inputs={"number": "int"})

#: Nothing but literals.
LITERAL = {
    "cwlVersion": "v1.2",
    "class": "ExpressionTool",
    "id": "traced-literal",
    "requirements": [{"class": "InlineJavascriptRequirement"}],
    "inputs": {"number": "int"},
    "outputs": {"double": "int"},
    "expression": "${ return {double: inputs.number * 2}; }",
}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "tool": (TOOL, TOOL_INPUTS, "successful"),
    "flow": (FLOW, {"words": ["to", "be", "or"]}, "successful"),
    "failing": (FAILING, {"number": 1}, "failed"),
    "literal": (LITERAL, {"number": 21}, "successful"),
}


def ran(server: Server, case: str) -> str:
    """The id of a job that has ended as it should."""
    package, inputs, status = CASES[case]
    answer = server.deploy(package, CWL)
    assert answer.status_code in (201, 409), answer.text
    job_id = server.submit(package["id"], inputs)
    assert server.wait(job_id)["status"] == status, server.status(job_id)
    return job_id
