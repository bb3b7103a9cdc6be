"""A process description as OGC has it, from what a client sent and from what the CWL says. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from cwl_bridge import eoap, formats, media, metadata, naming, policy, schema, secrecy, subset, values, work
from cwl_bridge.errors import FieldError, InvalidProcessError, pointer
from registry.models import JSON, Parameter, ProcessDescription, ProcessId

DEFAULT_VERSION = "1.0.0"

_CONTROL_OPTIONS = ("sync-execute", "async-execute", "dismiss")
_TRANSMISSION = ("value", "reference")
#: descriptionType.yaml: what is shown as it was given.
_ABOUT = {"title": str, "description": str, "keywords": list, "metadata": list, "additionalParameters": dict}

#: Ids of inputs and outputs become CWL ids and command-line options. With a colon they would be URIs for cwltool, which
#: then wants another name in the job order.
_PARAMETER_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*\Z")
MAX_PARAMETERS = 1000
#: An id of OGC's register of data classes, or the URI of any (18-062r3, data-classes).
_DATA_CLASS = re.compile(r"https?://[^\s<>\"]+|[A-Za-z0-9_][A-Za-z0-9_.-]*")


def from_package(given: JSON) -> ProcessDescription:
    """The description that comes with a plain image: it has to be complete."""
    process_id = given.get("id")
    if not isinstance(process_id, str):
        raise invalid("The process description needs an 'id'.", "id")
    policy.check_process_id(process_id, "/processDescription/id")
    return ProcessDescription(
        id=ProcessId(process_id),
        version=_version(given.get("version")),
        inputs=_parameters(given.get("inputs"), "inputs"),
        outputs=_parameters(given.get("outputs"), "outputs"),
        job_control_options=_options(given, "jobControlOptions", _CONTROL_OPTIONS),
        output_transmission=_options(given, "outputTransmission", _TRANSMISSION),
        about=_about(given),
    )


def from_cwl(document: JSON, given: JSON, fallback_id: str) -> ProcessDescription:
    """What the CWL says, with what was sent along merged over it; a contradiction is an error that names both."""
    process_id = given.get("id") or naming.own(document) or naming.of_label(document) or fallback_id
    if not isinstance(process_id, str):
        raise invalid("An 'id' is a string.", "id")
    policy.check_process_id(process_id, "/processDescription/id" if given.get("id") else "/id")
    cwl_about = metadata.about(document)
    return ProcessDescription(
        id=ProcessId(process_id),
        version=_version(given.get("version", cwl_about.pop("version", None))),
        inputs=_merged(document, given.get("inputs"), "inputs"),
        outputs=_merged(document, given.get("outputs"), "outputs"),
        job_control_options=_options(given, "jobControlOptions", _CONTROL_OPTIONS),
        output_transmission=_options(given, "outputTransmission", _TRANSMISSION),
        about={**cwl_about, **_about(given)},
    )


def ports(document: JSON, kind: str) -> dict[str, JSON]:
    """The inputs or outputs of a CWL process as objects by their short names, however they were written."""
    declared = document.get(kind) or {}
    if isinstance(declared, list):
        listed = [each for each in declared if isinstance(each, dict)]
        declared = {str(each.get("id")): each for each in listed}
        if len(declared) < len(listed):
            raise InvalidProcessError(
                f"Two {kind} have the same id.", [FieldError(pointer(kind), "An id stands twice.")]
            )
    if not isinstance(declared, dict):
        raise InvalidProcessError(f"'{kind}' is an object or a list.", [FieldError(pointer(kind), "wrong type")])
    found: dict[str, JSON] = {}
    for name, port in declared.items():
        short = name.rpartition("#")[2].rpartition("/")[2]
        found[short] = port if isinstance(port, dict) and "type" in port else {"type": port}
    return found


def named_types(document: JSON) -> dict[str, Any]:
    """The types of a SchemaDefRequirement by their full and by their short names; as a hint it counts as well."""
    requirements: list[Any] = []
    for kind in ("requirements", "hints"):
        declared = document.get(kind) or []
        if isinstance(declared, dict):
            declared = [{**body, "class": name} for name, body in declared.items() if isinstance(body, dict)]
        requirements += [each for each in declared if isinstance(each, dict)]
    named = {
        str(each["name"]): each
        for requirement in requirements
        if requirement.get("class") == "SchemaDefRequirement"
        for each in requirement["types"]
    }
    # Of two files, types may share a short name: then the first has it.
    short = {schema.short_name(name): each for name, each in reversed(named.items())}
    return {**short, **{name.removeprefix("#"): each for name, each in named.items()}, **named}


def types(document: JSON, declared: dict[str, JSON]) -> dict[str, schema.CwlType]:
    """The type of each input or output, spelled out."""
    names = named_types(document)
    return {name: schema.normalise(port["type"], names, document.get("$namespaces")) for name, port in declared.items()}


def _merged(document: JSON, given: Any, kind: str) -> dict[str, Parameter]:
    declared = ports(document, kind)
    _check_count(declared, kind)
    if given is not None and not isinstance(given, dict):
        raise invalid(f"'{kind}' is an object keyed by id.", kind)
    for name, each in (given or {}).items():
        if not isinstance(each, dict):
            raise invalid("Each input and output is an object.", kind, name)
        if name not in declared:
            detail = f"The description has '{name}', but the CWL document has only: {', '.join(declared) or 'none'}."
            raise invalid(detail, kind, name)
    names = named_types(document)
    found = {
        name: _port_parameter(document, port, (given or {}).get(name) or {}, (kind, name), names)
        for name, port in declared.items()
    }
    if kind == "outputs":
        return found
    secrets = secrecy.declared(document, document.get("$namespaces"))
    for name, each in found.items():
        if name in secrets and each.schema.get("type") != "string":
            detail = "The CWL document calls it a secret; then its schema is that of a string."
            raise invalid(detail, kind, name, "schema")
        said = isinstance((given or {}).get(name, {}).get("schema"), dict)
        found[name] = _kept_back(each, name, known=name in secrets, parts=said)
    return found


def _port_parameter(
    document: JSON, port: JSON, given: JSON, where: tuple[str, str], names: dict[str, Any]
) -> Parameter:
    kind, name = where
    try:
        _check_parameter_id(name, kind)
    except InvalidProcessError as error:
        raise InvalidProcessError(str(error), [FieldError(pointer(kind, name), str(error))]) from error
    try:
        cwl_type = schema.normalise(port["type"], names, document.get("$namespaces"))
        if not schema.alternatives(cwl_type) and kind == "inputs":
            raise InvalidProcessError("It can only be null.")
    except InvalidProcessError as error:
        raise InvalidProcessError(str(error), [FieldError(pointer(kind, name, "type"), str(error))]) from error
    # An output that is always null is described as one that may be anything.
    known = bool(schema.alternatives(cwl_type))
    found = schema.to_schema(cwl_type, formats.media_types(formats.of_port(document, port))) if known else {}
    default = port.get("default")
    if default is not None:
        found = {**found, "default": eoap.to_client(found, default)}
    about: JSON = {"title": port["label"]} if isinstance(port.get("label"), str) else {}
    text = metadata.doc(port)
    if text:
        about["description"] = text
    optional = schema.is_optional(cwl_type) or default is not None
    own = {**about, "schema": found, "minOccurs": 0 if optional else 1}
    merged = _parameter({**own, **given}, kind, name)
    if kind == "inputs":
        _check_can_be_left_out(merged, name, optional=optional)
    if known and given:
        _check_against_cwl(merged, cwl_type, kind, name)
    return merged


def _check_can_be_left_out(parameter: Parameter, name: str, *, optional: bool) -> None:
    if parameter.min_occurs == 0 and not optional and "default" not in parameter.schema:
        raise invalid("The description has minOccurs 0, but the CWL document requires it.", "inputs", name, "minOccurs")


def _check_against_cwl(parameter: Parameter, cwl_type: Any, kind: str, name: str) -> None:
    """Whether what the description says can reach the tool, or come from it, as its CWL types it."""
    if parameter.many and schema.items_of(cwl_type) is None:
        raise invalid("The description has many values, but the CWL type is no array.", kind, name, "maxOccurs")
    one = schema.items_of(cwl_type) if parameter.many else cwl_type
    members = schema.alternatives(one)
    if kind == "inputs" and secrecy.says_so(parameter.schema) and not secrecy.is_text(cwl_type):
        raise invalid("A secret is a string in the CWL document as well.", kind, name, "schema")
    own, given = (kinds(each) for each in (schema.to_schema(one), parameter.schema))
    if "File" in members:
        # That holds the JSON of it.
        own |= {"array"}
    # Anything can be a string (its JSON), or be written as one.
    if own and given and not own & given and not any(each == "string" or schema.is_record(each) for each in members):
        said = f"The description has {' or '.join(sorted(given))}, the CWL document {' or '.join(sorted(own))}."
        raise invalid(said, kind, name, "schema")


def kinds(described: JSON) -> set[str]:
    """The JSON types of a schema; empty where it does not say. A whole number is a number as well."""
    found = {each.get("type") for each in schema.branches(described)}
    if None in found:
        return set()
    return {str(each) for each in found} | ({"number"} if "integer" in found else set())


def _parameters(declared: Any, kind: str) -> dict[str, Parameter]:
    if declared is None:
        return {}
    if not isinstance(declared, dict):
        raise invalid(f"'{kind}' is an object keyed by id, not a list.", kind)
    _check_count(declared, kind)
    for name in declared:
        _check_parameter_id(name, kind)
    found = {name: _parameter(each, kind, name) for name, each in declared.items()}
    return {name: _kept_back(each, name) for name, each in found.items()} if kind == "inputs" else found


def _kept_back(parameter: Parameter, name: str, *, known: bool = False, parts: bool = True) -> Parameter:
    """An input, as a secret where it is one. `known`: by other words. `parts`: whether no part of it may be one."""
    try:
        described = secrecy.of_schema(
            {**parameter.schema, "writeOnly": True} if known else parameter.schema, parts=parts
        )
    except InvalidProcessError as error:
        raise invalid(str(error), "inputs", name, "schema") from error
    if described.get("writeOnly") is True and parameter.max_occurs != 1:
        raise invalid("A secret is one string, and no list of them.", "inputs", name, "maxOccurs")
    return replace(parameter, schema=described)


def _parameter(given: Any, kind: str, name: str) -> Parameter:
    if not isinstance(given, dict) or not isinstance(given.get("schema"), dict):
        raise invalid("Each input and output has a 'schema', a JSON schema of one value.", kind, name, "schema")
    try:
        published = subset.publishable(given["schema"])
    except InvalidProcessError as error:
        raise invalid(str(error), kind, name, "schema") from error
    problem = values.schema_problem(published)
    if problem:
        raise invalid(f"The schema of '{name}' is not valid: {problem}", kind, name, "schema")
    for each in schema.media_types(published):
        if not isinstance(each, str) or not media.is_media_type(each):
            raise invalid(f"{each!r} is no media type.", kind, name, "schema")
    _check_default(published, kind, name)
    min_occurs, max_occurs = _occurs(given, kind, name)
    if "default" in published:
        min_occurs = 0
    return Parameter(
        schema=published,
        min_occurs=min_occurs,
        max_occurs=max_occurs,
        about={**_about(given), **_data_classes(given, kind, name)},
    )


def _data_classes(given: JSON, kind: str, name: str) -> JSON:
    listed = given.get("dataClasses")
    if listed is None:
        return {}
    if not isinstance(listed, list) or not all(
        isinstance(each, str) and _DATA_CLASS.fullmatch(each) for each in listed
    ):
        detail = "'dataClasses' is a list of ids of OGC's register of data classes, or of URIs: http or https."
        raise invalid(detail, kind, name, "dataClasses")
    return {"dataClasses": listed}


def _check_default(published: JSON, kind: str, name: str) -> None:
    default = published.get("default")
    if default is None or schema.is_file(published) or schema.is_directory(published):
        return
    # Of an input that may occur often, a list of values or one of them.
    listed = default if isinstance(default, list) and published.get("type") != "array" else [default]
    loose = schema.without_files(published)
    if sum(work.amount(loose, value) for value in listed) > work.MAX_WORK:
        raise invalid("The default is too much work to compare with its schema.", kind, name, "schema", "default")
    problems = [each.detail for value in listed for each in values.check(loose, value)]
    if problems:
        raise invalid(f"The default does not fit the schema: {problems[0]}", kind, name, "schema", "default")


def _occurs(given: JSON, kind: str, name: str) -> tuple[int, int | None]:
    low, high = given.get("minOccurs", 1), given.get("maxOccurs", 1)
    # Old clients send numbers as strings.
    low = int(low) if isinstance(low, str) and low.isascii() and low.isdecimal() else low
    high = (
        int(high)
        if isinstance(high, str) and high.isascii() and high.isdecimal()
        else None
        if high == "unbounded"
        else high
    )
    if not isinstance(low, int) or isinstance(low, bool) or low < 0:
        raise invalid("'minOccurs' is a whole number from 0.", kind, name, "minOccurs")
    if high is not None and (not isinstance(high, int) or isinstance(high, bool) or high < max(low, 1)):
        raise invalid("'maxOccurs' is \"unbounded\" or a whole number, at least minOccurs.", kind, name, "maxOccurs")
    return low, high


def _about(given: JSON) -> JSON:
    about: JSON = {}
    for key, kind in _ABOUT.items():
        value = given.get(key)
        if key == "additionalParameters" and isinstance(value, list):
            value = {"parameters": [_additional(each) for each in value if isinstance(each, dict)]}
        if isinstance(value, kind) and value not in ([], {}):
            about[key] = without_nulls(value)
    return about


def _additional(parameter: JSON) -> JSON:
    """Old clients send `value` bare; additionalParameter.yaml has a list."""
    value = parameter.get("value", [])
    return {"name": parameter.get("name", ""), "value": value if isinstance(value, list) else [value]}


def without_nulls(value: Any) -> Any:
    """OGC's schemas know no null."""
    if isinstance(value, dict):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [without_nulls(each) for each in value if each is not None]
    return value


def _version(given: Any) -> str:
    if given is None:
        return DEFAULT_VERSION
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise invalid("'version' is a string.", "version")
    return str(given)


def _options(given: JSON, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
    chosen = given.get(key)
    if not chosen:
        return known
    if not isinstance(chosen, list) or not all(each in known for each in chosen):
        raise invalid(f"'{key}' is a list of {', '.join(known)}.", key)
    if key == "jobControlOptions" and not {"sync-execute", "async-execute"} & set(chosen):
        raise invalid("A process has sync-execute or async-execute among its jobControlOptions.", key)
    return tuple(chosen)


def is_parameter_id(name: str) -> bool:
    """Whether an input or output can be called so."""
    return bool(_PARAMETER_ID.match(name))


def _check_parameter_id(name: str, kind: str) -> None:
    if not is_parameter_id(name):
        raise invalid(f"{name!r} can't be an id: letters, digits and any of _ . + - are.", kind, name)


def _check_count(declared: dict[str, Any], kind: str) -> None:
    if len(declared) > MAX_PARAMETERS:
        raise invalid(f"A process has at most {MAX_PARAMETERS} {kind}.", kind)


def invalid(detail: str, *where: str) -> InvalidProcessError:
    """An error about a place in the description."""
    return InvalidProcessError(detail, [FieldError(pointer("processDescription", *where), detail)])
