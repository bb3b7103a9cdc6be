{
    "$graph": [
        {
            "class": "Workflow",
            "id": "#main",
            "inputs": [
                {
                    "type": "string",
                    "id": "#main/text"
                }
            ],
            "steps": [
                {
                    "run": "#say.cwl",
                    "in": [
                        {
                            "source": "#main/text",
                            "id": "#main/first/text"
                        }
                    ],
                    "out": [
                        "#main/first/said"
                    ],
                    "id": "#main/first"
                },
                {
                    "run": "#shout.cwl",
                    "in": [
                        {
                            "source": "#main/first/said",
                            "id": "#main/last/text"
                        }
                    ],
                    "out": [
                        "#main/last/said"
                    ],
                    "id": "#main/last"
                }
            ],
            "outputs": [
                {
                    "type": "string",
                    "outputSource": "#main/last/said",
                    "id": "#main/said"
                }
            ]
        },
        {
            "class": "CommandLineTool",
            "id": "#say.cwl",
            "baseCommand": [
                "sh",
                "-c",
                "printf %s \"$1\"",
                "sh"
            ],
            "inputs": [
                {
                    "type": "string",
                    "inputBinding": {},
                    "id": "#say.cwl/say/text"
                }
            ],
            "outputs": [
                {
                    "type": "string",
                    "outputBinding": {
                        "glob": "out",
                        "loadContents": true,
                        "outputEval": "$(self[0].contents)"
                    },
                    "id": "#say.cwl/say/said"
                }
            ],
            "stdout": "out"
        },
        {
            "class": "CommandLineTool",
            "id": "#shout.cwl",
            "baseCommand": [
                "sh",
                "-c",
                "printf %s! \"$1\"",
                "sh"
            ],
            "inputs": [
                {
                    "type": "string",
                    "inputBinding": {},
                    "id": "#shout.cwl/shout/text"
                }
            ],
            "outputs": [
                {
                    "type": "string",
                    "outputBinding": {
                        "glob": "out",
                        "loadContents": true,
                        "outputEval": "$(self[0].contents)"
                    },
                    "id": "#shout.cwl/shout/said"
                }
            ],
            "stdout": "out"
        }
    ],
    "cwlVersion": "v1.2"
}
