{
    "$graph": [
        {
            "class": "Workflow",
            "id": "#sub.cwl",
            "inputs": [
                {
                    "type": "string",
                    "id": "#sub.cwl/sub/text"
                }
            ],
            "steps": [
                {
                    "run": "#tool.cwl",
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
            ],
            "outputs": [
                {
                    "type": "string",
                    "outputSource": "#sub.cwl/sub/last/said",
                    "id": "#sub.cwl/sub/said"
                }
            ]
        },
        {
            "class": "CommandLineTool",
            "id": "#tool.cwl",
            "baseCommand": [
                "sh",
                "-c",
                "printf %s-a \"$1\"",
                "sh"
            ],
            "inputs": [
                {
                    "type": "string",
                    "inputBinding": {},
                    "id": "#tool.cwl/tool/text"
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
                    "id": "#tool.cwl/tool/said"
                }
            ],
            "stdout": "out"
        },
        {
            "class": "Workflow",
            "id": "#sub.cwl_2",
            "inputs": [
                {
                    "type": "string",
                    "id": "#sub.cwl_2/sub/text"
                }
            ],
            "outputs": [
                {
                    "type": "string",
                    "outputSource": "#sub.cwl_2/sub/last/said",
                    "id": "#sub.cwl_2/sub/said"
                }
            ],
            "steps": [
                {
                    "run": "#tool.cwl",
                    "in": [
                        {
                            "source": "#sub.cwl_2/sub/one/said",
                            "id": "#sub.cwl_2/sub/last/text"
                        }
                    ],
                    "out": [
                        "#sub.cwl_2/sub/last/said"
                    ],
                    "id": "#sub.cwl_2/sub/last"
                },
                {
                    "run": "#tool.cwl_2",
                    "in": [
                        {
                            "source": "#sub.cwl_2/sub/text",
                            "id": "#sub.cwl_2/sub/one/text"
                        }
                    ],
                    "out": [
                        "#sub.cwl_2/sub/one/said"
                    ],
                    "id": "#sub.cwl_2/sub/one"
                }
            ]
        },
        {
            "class": "CommandLineTool",
            "id": "#tool.cwl_2",
            "baseCommand": [
                "sh",
                "-c",
                "printf %s-b \"$1\"",
                "sh"
            ],
            "inputs": [
                {
                    "type": "string",
                    "inputBinding": {},
                    "id": "#tool.cwl_2/tool/text"
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
                    "id": "#tool.cwl_2/tool/said"
                }
            ],
            "stdout": "out"
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
                    "run": "#sub.cwl",
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
                    "run": "#sub.cwl_2",
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
