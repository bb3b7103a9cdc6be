{
    "$graph": [
        {
            "class": "Workflow",
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
                    "run": "#say.cwl",
                    "in": [
                        {
                            "source": "#main/text",
                            "id": "#main/last/text"
                        }
                    ],
                    "out": [
                        "#main/last/said"
                    ],
                    "id": "#main/last"
                }
            ],
            "id": "#main",
            "outputs": [
                {
                    "type": "File",
                    "outputSource": "#main/last/said",
                    "id": "#main/said"
                }
            ]
        },
        {
            "class": "CommandLineTool",
            "requirements": [
                {
                    "dockerPull": "busybox:stable",
                    "class": "DockerRequirement"
                }
            ],
            "baseCommand": "echo",
            "inputs": [
                {
                    "type": "string",
                    "inputBinding": {
                        "prefx": "--text"
                    },
                    "id": "#say.cwl/text"
                }
            ],
            "outputs": [
                {
                    "type": "File",
                    "id": "#say.cwl/said",
                    "outputBinding": {
                        "glob": "509a818ce0d2ee7915a713150315c797e3b029fc"
                    }
                }
            ],
            "id": "#say.cwl",
            "stdout": "509a818ce0d2ee7915a713150315c797e3b029fc"
        }
    ],
    "cwlVersion": "v1.2"
}
