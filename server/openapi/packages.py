"""What deploys a process, in the dialect of OpenAPI 3.0: OGC's application package and CWL."""

from __future__ import annotations

from registry.models import JSON

_CWL: JSON = {
    "type": "object",
    "description": "A CWL document of version 1.0, 1.1 or 1.2: a process, or a packed $graph of them.",
    "properties": {
        "cwlVersion": {"type": "string", "enum": ["v1.0", "v1.1", "v1.2"]},
        "class": {"type": "string", "enum": ["CommandLineTool", "ExpressionTool", "Workflow"]},
        "$graph": {"type": "array", "items": {"type": "object"}, "minItems": 1},
    },
    "required": ["cwlVersion"],
    "example": {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "id": "say",
        "requirements": {"DockerRequirement": {"dockerPull": "busybox:stable"}},
        "baseCommand": "echo",
        "inputs": {"text": {"type": "string", "inputBinding": {"position": 1}}},
        "outputs": {"said": {"type": "stdout"}},
    },
}

_UNIT: JSON = {
    "type": "object",
    "description": "A container image and how it is called, a qualified value that holds CWL, or a link to CWL.",
    "properties": {
        "type": {"type": "string", "description": "docker or oci beside an image; else a media type."},
        "image": {"type": "string"},
        "command": {
            "anyOf": [{"type": "array", "items": {"type": "string"}, "minItems": 1}, {"type": "string"}],
            "nullable": True,
            "description": "Words, or a text that is split into words as a shell would.",
        },
        "config": {"type": "object", "nullable": True},
        "bindings": {"type": "object", "nullable": True},
        "value": {"description": "A CWL document, as JSON or as text."},
        "mediaType": {"type": "string", "nullable": True},
        "href": {
            "type": "string",
            "nullable": True,
            "description": "Where the CWL is; in a body of several files, also a name there.",
        },
    },
}

PACKAGES: JSON = {
    "cwl": _CWL,
    "executionUnit": _UNIT,
    "ogcapppkg": {
        "type": "object",
        "required": ["executionUnit"],
        "properties": {
            "processDescription": {
                "type": "object",
                "nullable": True,
                "description": "As the process will be described; under 'process', or in the older form without it.",
            },
            "executionUnit": {
                "anyOf": [
                    {"$ref": "#/components/schemas/executionUnit"},
                    {"type": "array", "items": {"$ref": "#/components/schemas/executionUnit"}, "minItems": 1},
                ]
            },
        },
        "example": {
            "processDescription": {
                "process": {
                    "id": "say",
                    "version": "1.0.0",
                    "inputs": {},
                    "outputs": {
                        "said": {"schema": {"type": "string", "contentMediaType": "text/plain"}},
                    },
                }
            },
            "executionUnit": {
                "type": "docker",
                "image": "busybox:stable",
                "command": ["sh", "-c", "echo hello > said.txt"],
            },
        },
    },
}
