"""A Docker execution unit and its process description → a CWL CommandLineTool. Pure.

What the image is given, unless `bindings` says otherwise: `--<input id> <value>` in the declared order. What is
taken as output `x`: the file `x` or `x.*` in the working directory, or its member of `cwl.output.json`.
"""

from __future__ import annotations

import json
import math
import shlex
from typing import Any

from cwl_bridge import schema, secrecy
from cwl_bridge.errors import FieldError, InvalidProcessError, pointer
from registry.models import JSON, Parameter, ProcessDescription

MIB_PER_GB = 1024
#: Of anything that a configuration asks for: cores, GB, seconds.
MOST = 10**9

#: executionUnit.config → CWL requirement, its field, factor.
_CONFIG: dict[str, tuple[str, str, float]] = {
    "cpuMin": ("ResourceRequirement", "coresMin", 1),
    "cpuMax": ("ResourceRequirement", "coresMax", 1),
    "memoryMin": ("ResourceRequirement", "ramMin", MIB_PER_GB),
    "memoryMax": ("ResourceRequirement", "ramMax", MIB_PER_GB),
    "storageTempMin": ("ResourceRequirement", "tmpdirMin", MIB_PER_GB),
    "storageOutputsMin": ("ResourceRequirement", "outdirMin", MIB_PER_GB),
    "jobTimeout": ("ToolTimeLimit", "timelimit", 1),
}


def command_line_tool(description: ProcessDescription, unit: JSON) -> JSON:
    """Raises InvalidProcessError with pointers below /executionUnit."""
    image = unit.get("image")
    if not isinstance(image, str) or not image:
        raise _invalid("A docker execution unit names its container in 'image'.", "image")
    for name in ("mediaType", "href"):
        if not isinstance(unit.get(name), str | None):
            raise _invalid(f"'{name}' is a text.", name)
    bindings = _object(unit, "bindings")
    return {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "id": description.id,
        **_label_and_doc(description.about),
        "requirements": {
            "DockerRequirement": {"dockerPull": image.removeprefix("docker://")},
            **_resources(_object(unit, "config")),
        },
        **_secrets(description),
        **_command(unit.get("command")),
        "inputs": _inputs(description.inputs, _bindings(bindings, "inputBindings", description.inputs)),
        "outputs": _outputs(description.outputs, _bindings(bindings, "outputBindings", description.outputs)),
    }


def _object(unit: JSON, name: str) -> JSON:
    """A member that may be left out, or null."""
    found = unit.get(name)
    if found is not None and not isinstance(found, dict):
        raise _invalid(f"'{name}' is an object.", name)
    return found or {}


def _secrets(description: ProcessDescription) -> JSON:
    """What keeps them out of the log of whoever runs the document with plain cwltool, too."""
    names = secrecy.names(description)
    hint = {secrecy.USUAL: {"secrets": names}}
    return {"$namespaces": secrecy.NAMESPACES, "hints": hint} if names else {}


def _command(command: Any) -> JSON:
    if command is None:
        return {}
    try:
        words = shlex.split(command) if isinstance(command, str) else command
    except ValueError as error:
        raise _invalid(f"'command' can't be split into words: {error}.", "command") from error
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise _invalid("'command' is a list of strings.", "command")
    return {"baseCommand": words}


def _resources(config: JSON) -> JSON:
    requirements: JSON = {}
    for name, amount in config.items():
        if name not in _CONFIG:
            continue
        if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount <= MOST:
            raise _invalid(f"'{name}' is a number from 0 to {MOST}.", "config", name)
        requirement, field, factor = _CONFIG[name]
        # A time limit is in whole seconds.
        number = math.ceil(amount) if field == "timelimit" else amount * factor
        requirements.setdefault(requirement, {})[field] = _whole(number)
    return requirements


def _whole(number: float) -> float:
    return int(number) if number == int(number) else number


def _bindings(bindings: JSON, kind: str, declared: dict[str, Parameter]) -> JSON:
    found = {} if bindings.get(kind) is None else bindings[kind]
    if not isinstance(found, dict):
        raise _invalid(f"'{kind}' is an object, one member for each input or output.", "bindings", kind)
    for name, binding in found.items():
        if name not in declared:
            raise _invalid(f"The process description declares no '{name}'.", "bindings", kind, name)
        if binding is not None and not isinstance(binding, dict):
            raise _invalid("A binding is an object.", "bindings", kind, name)
    return found


def _inputs(declared: dict[str, Parameter], bindings: JSON) -> JSON:
    inputs: JSON = {}
    for position, (name, parameter) in enumerate(declared.items(), start=1):
        binding = bindings.get(name, {"position": position, "prefix": f"--{name}"})
        inputs[name] = {
            "type": _input_type(parameter),
            **_label_and_doc(parameter.about),
            **_default(parameter),
            **({} if binding is None else {"inputBinding": binding}),
        }
    return inputs


def _input_type(parameter: Parameter) -> Any:
    one = _item_type(parameter)
    cwl_type: Any = {"type": "array", "items": one} if parameter.many else one
    optional = parameter.min_occurs == 0 or "default" in parameter.schema or parameter.schema.get("nullable")
    return _readable(cwl_type, optional=bool(optional))


def _item_type(parameter: Parameter) -> Any:
    one = schema.to_cwl(parameter.schema)
    # On a command line, a list of lists would be one list.
    return "string" if parameter.many and schema.items_of(one) is not None else one


def _readable(cwl_type: Any, *, optional: bool) -> Any:
    """`File`, `long[]?` rather than spelled-out objects, where CWL has a short form."""
    short = cwl_type
    if isinstance(cwl_type, dict) and cwl_type["type"] == "array" and isinstance(cwl_type["items"], str):
        short = cwl_type["items"] + "[]"
    if isinstance(short, str):
        return short + "?" if optional else short
    members = short if isinstance(short, list) else [short]
    return ["null", *members] if optional else short


def _default(parameter: Parameter) -> JSON:
    """The default for whoever runs the document by hand; the server fills in defaults itself."""
    value = parameter.schema.get("default")
    one = _item_type(parameter)
    if value is None or one in ("File", "Directory"):
        return {}
    values = value if parameter.many and isinstance(value, list) else [value]
    encoded = [_encoded(one, each) for each in values]
    return {"default": encoded if parameter.many else encoded[0]}


def _encoded(cwl_type: Any, value: Any) -> Any:
    """A default as the CWL type has it: JSON text for a string, a whole number for an int."""
    items = schema.items_of(cwl_type)
    if items is not None and isinstance(value, list):
        return [_encoded(items, each) for each in value]
    if cwl_type == "string" and not isinstance(value, str):
        return json_text(value)
    return int(value) if cwl_type in ("int", "long") and isinstance(value, float) else value


def json_text(value: Any) -> str:
    """The one text in which an object reaches a command line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _outputs(declared: dict[str, Parameter], bindings: JSON) -> JSON:
    outputs: JSON = {}
    for name, parameter in declared.items():
        binding = bindings.get(name) or {"glob": _glob(name, parameter)}
        outputs[name] = {
            "type": _output_type(parameter),
            **_label_and_doc(parameter.about),
            "outputBinding": binding,
        }
    return outputs


def _is_file_array(parameter: Parameter) -> bool:
    return parameter.many or (
        parameter.schema.get("type") == "array" and schema.to_cwl(parameter.schema.get("items", {})) == "File"
    )


def _glob(name: str, parameter: Parameter) -> Any:
    one = schema.to_cwl(parameter.schema)
    if one == "Directory" and not parameter.many:
        return name
    if _is_file_array(parameter):
        return [f"{name}.*", f"{name}/*"]
    return [name, f"{name}.*"]


def _output_type(parameter: Parameter) -> Any:
    """A file, or for a literal the value itself (cwl.output.json) or the file that holds its JSON."""
    optional = parameter.min_occurs == 0 or bool(parameter.schema.get("nullable"))
    one = schema.to_cwl(parameter.schema)
    if one == "Directory":
        return _readable({"type": "array", "items": one} if parameter.many else one, optional=optional)
    if _is_file_array(parameter):
        return _readable({"type": "array", "items": "File"}, optional=optional)
    if one == "File":
        return _readable("File", optional=optional)
    return [*(["null"] if optional else []), "File", "Any"]


def _label_and_doc(about: JSON) -> JSON:
    found = {"label": about.get("title"), "doc": about.get("description")}
    return {key: text for key, text in found.items() if isinstance(text, str)}


def _invalid(message: str, *where: str) -> InvalidProcessError:
    return InvalidProcessError(message, [FieldError(pointer("executionUnit", *where), message)])
