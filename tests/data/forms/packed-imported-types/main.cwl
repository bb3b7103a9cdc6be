{
    "class": "CommandLineTool",
    "id": "#main",
    "requirements": [
        {
            "types": [
                {
                    "name": "#types.yml/Color",
                    "type": "enum",
                    "symbols": [
                        "#types.yml/Color/red",
                        "#types.yml/Color/green"
                    ]
                },
                {
                    "name": "#types.yml/Colors",
                    "type": "record",
                    "fields": [
                        {
                            "type": {
                                "type": "array",
                                "items": "#types.yml/Color"
                            },
                            "name": "#types.yml/Colors/colors"
                        }
                    ]
                },
                {
                    "name": "#types.yml/Point",
                    "type": "record",
                    "fields": [
                        {
                            "name": "#types.yml/Point/x",
                            "type": "int"
                        },
                        {
                            "name": "#types.yml/Point/color",
                            "type": "#types.yml/Color"
                        },
                        {
                            "name": "#types.yml/Point/more",
                            "type": "#types.yml/Colors"
                        }
                    ]
                }
            ],
            "class": "SchemaDefRequirement"
        }
    ],
    "baseCommand": [
        "echo"
    ],
    "inputs": [
        {
            "type": "#types.yml/Color",
            "inputBinding": {},
            "id": "#main/color"
        },
        {
            "type": {
                "type": "array",
                "items": "#types.yml/Color"
            },
            "inputBinding": {},
            "id": "#main/given"
        },
        {
            "type": [
                "null",
                "#types.yml/Point"
            ],
            "id": "#main/maybe"
        },
        {
            "type": "#types.yml/Point",
            "id": "#main/point"
        },
        {
            "type": {
                "type": "array",
                "items": "#types.yml/Point"
            },
            "id": "#main/points"
        },
        {
            "type": "#types.yml/Colors",
            "id": "#main/several"
        }
    ],
    "stdout": "said.txt",
    "outputs": [
        {
            "type": "File",
            "id": "#main/said",
            "outputBinding": {
                "glob": "said.txt"
            }
        }
    ],
    "cwlVersion": "v1.2"
}
