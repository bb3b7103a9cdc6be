{
    "$graph": [
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
            "stdout": "out",
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
            ]
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
        },
        {
            "class": "Workflow",
            "id": "#sub.cwl",
            "inputs": [
                {
                    "type": "string",
                    "id": "#sub.cwl/sub/text"
                }
            ],
            "outputs": [
                {
                    "type": "string",
                    "outputSource": "#sub.cwl/sub/last/said",
                    "id": "#sub.cwl/sub/said"
                }
            ],
            "steps": [
                {
                    "run": "#shout.cwl",
                    "in": [
                        {
                            "source": "#sub.cwl/sub/text",
                            "id": "#sub.cwl/sub/last/text"
                        }
                    ],
                    "out": [
                        "#sub.cwl/sub/last/said"
                    ],
                    "id": "#sub.cwl/sub/last"
                }
            ]
        },
        {
            "class": "Workflow",
            "id": "#main",
            "requirements": [
                {
                    "class": "SubworkflowFeatureRequirement"
                }
            ],
            "inputs": [
                {
                    "type": "string",
                    "id": "#main/text"
                }
            ],
            "outputs": [
                {
                    "type": "string",
                    "outputSource": "#main/last/said",
                    "id": "#main/said"
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
                    "run": "#sub.cwl",
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
            ]
        }
    ],
    "cwlVersion": "v1.2"
}
