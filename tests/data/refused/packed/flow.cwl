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
                        "glob": "e3171c76e7a20fc5185d1a3e4f7c8c8fe0106001"
                    }
                }
            ],
            "id": "#say.cwl",
            "stdout": "e3171c76e7a20fc5185d1a3e4f7c8c8fe0106001"
        }
    ],
    "cwlVersion": "v1.2"
}
