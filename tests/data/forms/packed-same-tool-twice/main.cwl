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
                    "run": "#tool.cwl",
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
                    "run": "#tool.cwl",
                    "in": [
                        {
                            "source": "#main/second/said",
                            "id": "#main/last/text"
                        }
                    ],
                    "out": [
                        "#main/last/said"
                    ],
                    "id": "#main/last"
                },
                {
                    "run": "#tool.cwl",
                    "in": [
                        {
                            "source": "#main/first/said",
                            "id": "#main/second/text"
                        }
                    ],
                    "out": [
                        "#main/second/said"
                    ],
                    "id": "#main/second"
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
        }
    ],
    "cwlVersion": "v1.2"
}
