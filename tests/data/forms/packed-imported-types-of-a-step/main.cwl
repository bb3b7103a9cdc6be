{
    "$graph": [
        {
            "class": "Workflow",
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
            "inputs": [
                {
                    "type": "#types.yml/Color",
                    "id": "#main/color"
                }
            ],
            "steps": [
                {
                    "run": "#typed.cwl",
                    "in": [
                        {
                            "source": "#main/color",
                            "id": "#main/only/color"
                        },
                        {
                            "default": [
                                "red"
                            ],
                            "id": "#main/only/given"
                        },
                        {
                            "default": {
                                "x": 1,
                                "color": "red",
                                "more": {
                                    "colors": [
                                        "red"
                                    ]
                                }
                            },
                            "id": "#main/only/point"
                        },
                        {
                            "default": [],
                            "id": "#main/only/points"
                        },
                        {
                            "default": {
                                "colors": [
                                    "green"
                                ]
                            },
                            "id": "#main/only/several"
                        }
                    ],
                    "out": [
                        "#main/only/said"
                    ],
                    "id": "#main/only"
                }
            ],
            "id": "#main",
            "outputs": [
                {
                    "type": "File",
                    "outputSource": "#main/only/said",
                    "id": "#main/said"
                }
            ]
        },
        {
            "class": "CommandLineTool",
            "id": "#typed.cwl",
            "requirements": [
                {
                    "types": [
                        {
                            "$import": "#types.yml/Color"
                        },
                        {
                            "$import": "#types.yml/Colors"
                        },
                        {
                            "$import": "#types.yml/Point"
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
                    "id": "#typed.cwl/typed/color"
                },
                {
                    "type": {
                        "type": "array",
                        "items": "#types.yml/Color"
                    },
                    "inputBinding": {},
                    "id": "#typed.cwl/typed/given"
                },
                {
                    "type": [
                        "null",
                        "#types.yml/Point"
                    ],
                    "id": "#typed.cwl/typed/maybe"
                },
                {
                    "type": "#types.yml/Point",
                    "id": "#typed.cwl/typed/point"
                },
                {
                    "type": {
                        "type": "array",
                        "items": "#types.yml/Point"
                    },
                    "id": "#typed.cwl/typed/points"
                },
                {
                    "type": "#types.yml/Colors",
                    "id": "#typed.cwl/typed/several"
                }
            ],
            "outputs": [
                {
                    "type": "File",
                    "id": "#typed.cwl/typed/said",
                    "outputBinding": {
                        "glob": "said.txt"
                    }
                }
            ],
            "stdout": "said.txt"
        }
    ],
    "cwlVersion": "v1.2"
}
