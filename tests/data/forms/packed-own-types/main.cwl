{
    "$graph": [
        {
            "class": "CommandLineTool",
            "requirements": [
                {
                    "types": [
                        {
                            "name": "#a.cwl/Size",
                            "type": "enum",
                            "symbols": [
                                "#a.cwl/Size/small",
                                "#a.cwl/Size/large"
                            ]
                        }
                    ],
                    "class": "SchemaDefRequirement"
                }
            ],
            "baseCommand": "echo",
            "inputs": [
                {
                    "type": "#a.cwl/Size",
                    "inputBinding": {},
                    "id": "#a.cwl/size"
                }
            ],
            "id": "#a.cwl",
            "outputs": []
        },
        {
            "class": "CommandLineTool",
            "requirements": [
                {
                    "types": [
                        {
                            "name": "#b.cwl/Size",
                            "type": "enum",
                            "symbols": [
                                "#b.cwl/Size/one",
                                "#b.cwl/Size/two"
                            ]
                        }
                    ],
                    "class": "SchemaDefRequirement"
                }
            ],
            "baseCommand": "echo",
            "inputs": [
                {
                    "type": [
                        "null",
                        "#b.cwl/Size"
                    ],
                    "inputBinding": {},
                    "id": "#b.cwl/size"
                }
            ],
            "outputs": [],
            "id": "#b.cwl"
        },
        {
            "class": "Workflow",
            "inputs": [
                {
                    "type": "string",
                    "id": "#main/size"
                }
            ],
            "outputs": [],
            "steps": [
                {
                    "run": "#a.cwl",
                    "in": [
                        {
                            "default": "small",
                            "id": "#main/a/size"
                        }
                    ],
                    "out": [],
                    "id": "#main/a"
                },
                {
                    "run": "#b.cwl",
                    "in": [
                        {
                            "default": "two",
                            "id": "#main/b/size"
                        }
                    ],
                    "out": [],
                    "id": "#main/b"
                }
            ],
            "id": "#main"
        }
    ],
    "cwlVersion": "v1.2"
}
