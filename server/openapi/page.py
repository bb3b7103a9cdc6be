"""The API definition as a page to read: no script, nothing from elsewhere. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from typing import Any

from registry.models import JSON

#: Nothing is loaded or run.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
code, pre { font: 14px/1.45 ui-monospace, monospace; }
pre { background: #f4f4f4; padding: .8rem; overflow: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid #ddd; }
summary { cursor: pointer; padding: .3rem 0; }
.method { display: inline-block; min-width: 4.5rem; font-weight: bold; }
"""


def of(definition: JSON, processes: list[tuple[str, str]]) -> str:
    """`processes`: title and URL of the pages of single processes."""
    info = definition["info"]
    sections = [*_processes(processes), *_operations(definition), *_schemas(definition["components"]["schemas"])]
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(info['title'])}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
            f"<h1>{escape(info['title'])}</h1>",
            f"<p>{escape(info['description'])} Version {escape(info['version'])}.</p>",
            '<p>The same for programs: <a href="?f=oas30">OpenAPI 3.0</a>, <a href="?f=oas31">OpenAPI 3.1</a>.</p>',
            *sections,
            "</body>\n</html>\n",
        ]
    )


def _processes(listed: list[tuple[str, str]]) -> Iterator[str]:
    if listed:
        yield '<h2 id="processes">Processes</h2>\n<ul>'
        yield from (f'<li><a href="{escape(url)}">{escape(title)}</a></li>' for title, url in listed)
        yield "</ul>"


def _operations(definition: JSON) -> Iterator[str]:
    components = definition["components"]
    found = [
        (operation["tags"][0], method, path, operation)
        for path, methods in definition["paths"].items()
        for method, operation in methods.items()
    ]
    # By what they are about, else in the order of the definition.
    order = list(dict.fromkeys(tag for tag, *_ in found))
    for tag, those in groupby(sorted(found, key=lambda each: order.index(each[0])), key=lambda each: each[0]):
        yield f"<h2>{escape(tag)}</h2>"
        for _, method, path, operation in those:
            yield from _operation(method, path, operation, components)


def _operation(method: str, path: str, operation: JSON, components: JSON) -> Iterator[str]:
    name = escape(operation["operationId"])
    shown = f'<span class="method">{method.upper()}</span> <code>{escape(path)}</code> {escape(operation["summary"])}'
    yield f'<details id="{name}"><summary>{shown}</summary>'
    if "description" in operation:
        yield f"<p>{escape(operation['description'])}</p>"
    parameters = [_resolved(each, components) for each in operation["parameters"]]
    if parameters:
        yield "<h4>Parameters</h4>"
        yield from _table(("name", "in", "what", "schema"), map(_parameter, parameters))
    if "requestBody" in operation:
        yield "<h4>Body</h4>"
        yield from _contents(operation["requestBody"]["content"])
    yield "<h4>Answers</h4>"
    answers = ((status, _resolved(each, components)) for status, each in operation["responses"].items())
    yield from _table(("status", "what", "as"), (_answer(*each) for each in answers))
    yield "</details>"


def _resolved(given: JSON, components: JSON) -> JSON:
    """A parameter or answer, itself or by its name."""
    if "$ref" not in given:
        return given
    kind, name = given["$ref"].removeprefix("#/components/").split("/")
    found: JSON = components[kind][name]
    return found


def _parameter(parameter: JSON) -> tuple[str, ...]:
    name = f"<code>{escape(parameter['name'])}</code>" + (" (required)" if parameter.get("required") else "")
    return name, parameter["in"], escape(parameter["description"]), _schema(parameter["schema"])


def _answer(status: str, answer: JSON) -> tuple[str, ...]:
    forms = [
        f"<code>{escape(kind)}</code> {_named(content['schema'])}"
        for kind, content in answer.get("content", {}).items()
    ]
    return status, escape(answer["description"]), "<br>".join(forms)


def _contents(content: JSON) -> Iterator[str]:
    """The media types of one schema together."""
    for text, those in groupby(content.items(), key=lambda each: _schema(each[1]["schema"])):
        kinds = list(those)
        yield f"<p>{', '.join(f'<code>{escape(kind)}</code>' for kind, _ in kinds)}: {text}</p>"
        for _, each in kinds[:1]:
            if "example" in each:
                yield f"<p>For example:</p>{_pre(each['example'])}"


def _named(schema: JSON) -> str:
    """A link to the schema, where it has a name."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return f'<a href="#schema-{escape(name)}">{escape(name)}</a>' if name else ""


def _schema(schema: JSON) -> str:
    if "$ref" in schema:
        return _named(schema)
    if set(schema) <= {"type", "minLength"}:
        return escape(str(schema.get("type", "anything")))
    return _pre(schema)


def _schemas(schemas: JSON) -> Iterator[str]:
    yield '<h2 id="schemas">Schemas</h2>'
    for name, each in schemas.items():
        shown = {key: value for key, value in each.items() if key != "example"}
        yield f'<h3 id="schema-{escape(name)}">{escape(name)}</h3>{_pre(shown)}'
        names = sorted(_references(shown))
        if names:
            yield f"<p>See {', '.join(_named({'$ref': each}) for each in names)}.</p>"
        if "example" in each:
            yield f"<p>For example:</p>{_pre(each['example'])}"


def _references(value: Any) -> set[str]:
    if isinstance(value, list):
        return {found for each in value for found in _references(each)}
    if not isinstance(value, dict):
        return set()
    own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
    return own | {found for each in value.values() for found in _references(each)}


def _pre(value: Any) -> str:
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield f"<table><tr>{''.join(f'<th>{each}</th>' for each in heads)}</tr>"
    yield from (f"<tr>{''.join(f'<td>{each}</td>' for each in row)}</tr>" for row in rows)
    yield "</table>"
