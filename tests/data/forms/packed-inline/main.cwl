{
    "$graph": [
        {
            "class": "Workflow",
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
            "steps": [
                {
                    "in": [
                        {
                            "source": "#main/text",
                            "id": "#main/outer/text"
                        }
                    ],
                    "out": [
                        "#main/outer/said"
                    ],
                    "run": {
                        "class": "Workflow",
                        "id": "#main/outer/run/inner",
                        "inputs": [
                            {
                                "type": "string",
                                "id": "#main/outer/run/inner/text"
                            }
                        ],
                        "outputs": [
                            {
                                "type": "string",
                                "outputSource": "#main/outer/run/inner/deep/said",
                                "id": "#main/outer/run/inner/said"
                            }
                        ],
                        "steps": [
                            {
                                "id": "#main/outer/run/inner/deep",
                                "in": [
                                    {
                                        "id": "#main/outer/run/inner/deep/text",
                                        "source": "#main/outer/run/inner/text"
                                    }
                                ],
                                "out": [
                                    "#main/outer/run/inner/deep/said"
                                ],
                                "run": "#say.cwl"
                            }
                        ]
                    },
                    "id": "#main/outer"
                }
            ],
            "id": "#main",
            "outputs": [
                {
                    "type": "string",
                    "outputSource": "#main/outer/said",
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
        }
    ],
    "cwlVersion": "v1.2"
}
