"""the endpoints as a page, from the OpenAPI document of the caller; nothing is fetched from elsewhere"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response
from markupsafe import Markup

from dougong.base.text import Message
from dougong.context import Context
from dougong.web import errors
from dougong.web.api import openapi, reading
from dougong.web.unit_of_work import Call

_STYLE = Markup("""
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem }
code, .path { font-family: ui-monospace, monospace; overflow-wrap: anywhere }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; text-transform: uppercase }
details { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .35rem 0 }
summary { cursor: pointer }
table { border-collapse: collapse; margin: .5rem 0 1rem; width: 100% }
td, th { text-align: start; padding: .2rem .6rem .2rem 0; vertical-align: top }
section { margin-block: 2rem }
""")


def show(ctx: Context, call: Call) -> Response:
    """Give the page."""
    reading.parameters(call.request, ())
    document = openapi.document(ctx)
    said = {name: Message(text).show(ctx.locale) for name, text in _WORDS.items()}
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    body = Markup("").join(_sections(document, tags, said))
    page = Markup(
        '<!doctype html><html lang="{locale}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        "<style>{style}</style></head><body><main><h1>{title}</h1>"
        '<p>{intro} <a href="openapi.json">openapi.json</a></p>'
        "{body}{problems}</main></body></html>"
    ).format(
        locale=ctx.locale, title=said["title"], style=_STYLE, intro=said["intro"], body=body, problems=_problems(said)
    )
    return Response(page, content_type="text/html; charset=utf-8")


_WORDS = {
    "title": "The API of this instance",
    "intro": "Every address that you may use, with the fields that you may read and enter.",
    "parameter": "Parameter",
    "field": "Field",
    "label": "Label",
    "type": "Type",
    "required": "required",
    "problems": "Codes of problems",
}


def _sections(document: dict[str, Any], tags: dict[str, str], said: dict[str, str]) -> Iterator[Markup]:
    grouped: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                grouped.setdefault(operation["tags"][0], []).append((method, path, operation))
    for tag, operations in grouped.items():
        heading = f"{tags[tag]} · {tag}" if tag in tags else tag
        rows = Markup("").join(_operation(document, *each, said=said) for each in operations)
        yield Markup('<section id="{tag}"><h2>{heading}</h2>{rows}</section>').format(
            tag=tag, heading=heading, rows=rows
        )


def _operation(
    document: dict[str, Any], method: str, path: str, operation: dict[str, Any], *, said: dict[str, str]
) -> Markup:
    tables = Markup("").join([_parameters(document, operation, said), _body(document, operation, said)])
    return Markup(
        '<details><summary><span class="method">{method}</span> <span class="path">/api/v1{path}</span> '
        "{summary}</summary>{tables}</details>"
    ).format(method=method, path=path, summary=operation.get("summary", ""), tables=tables)


def _parameters(document: dict[str, Any], operation: dict[str, Any], said: dict[str, str]) -> Markup:
    known = document["components"]["parameters"]
    given = operation.get("parameters", ())
    found = [known[each["$ref"].rsplit("/", 1)[1]] if "$ref" in each else each for each in given]
    rows = [(each["name"], each.get("description", "")) for each in found]
    return _table((said["parameter"], ""), rows)


def _body(document: dict[str, Any], operation: dict[str, Any], said: dict[str, str]) -> Markup:
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    first = schema.get("anyOf", [schema])[0]
    if "$ref" not in first:
        return Markup("")
    named = document["components"]["schemas"][first["$ref"].rsplit("/", 1)[1]]
    required = set(named.get("required", ()))
    rows = [
        (name, each.get("title", ""), f"{_type(each)} {said['required'] if name in required else ''}".strip())
        for name, each in named["properties"].items()
    ]
    return _table((said["field"], said["label"], said["type"]), rows)


def _type(schema: dict[str, Any]) -> str:
    if "x-dougong-to" in schema:
        return f"id → {schema['x-dougong-to']}"
    first = schema.get("anyOf", [schema])[0]
    kinds = first.get("type", "")
    said = " / ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{said} ({first['format']})" if "format" in first else said


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Markup:
    if not rows:
        return Markup("")
    head = Markup("").join(Markup("<th>{}</th>").format(each) for each in heads)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup("<td><code>{}</code></td>").format(cell) if place == 0 else Markup("<td>{}</td>").format(cell)
                for place, cell in enumerate(row)
            )
        )
        for row in rows
    )
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, body)


def _problems(said: dict[str, str]) -> Markup:
    rows = [(code, str(status)) for code, status in sorted(errors.known_codes().items(), key=lambda each: each[1])]
    return Markup('<section id="problems"><h2>{}</h2>{}</section>').format(said["problems"], _table(("", ""), rows))
