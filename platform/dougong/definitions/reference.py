"""the reference pages of definitions, written from their classes and checks"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dougong.definitions.codes import reference
from dougong.definitions.kinds import KINDS
from dougong.definitions.schema import BY_DO, BY_TYPE, PATTERNS, Schema, kind_schema
from dougong.sdk.extensions import Extensions

_CHAPTERS = {"E1": "YAML", "E2": "Structure", "E3": "References", "E4": "Sense", "W5": "Advice"}
_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "keys",
}
_NAME = "^[a-z][a-z0-9_]{0,39}$"


def codes_page() -> str:
    """Write the page of all codes."""
    lines = [
        "# Codes of problems",
        "",
        "What `dougong check` finds, each with its place and mostly with a hint. Codes that begin with `E` stop an",
        "apply, those with `W` are advice. This page is made from the code; `make golden` writes it anew.",
    ]
    chapter = ""
    for code, (title, text) in reference().items():
        if code[:2] != chapter:
            chapter = code[:2]
            lines += ["", f"## {_CHAPTERS[chapter]}"]
        lines += ["", f"### {code}: {title}"]
        if text:
            lines += ["", " ".join(text.split())]
    return "\n".join(lines) + "\n"


def kinds_page(extensions: Extensions) -> str:
    """Write the page of all kinds of definition and their keys."""
    types = sorted(extensions.field_types, key=lambda each: each.name)
    lines = [
        "# Kinds of definition",
        "",
        "Every kind with its keys; a key in bold must be there. All have `kind` and `name`, and may have `label` (what",
        "people read; text, or text by language) and `description` (a sentence for the next author). This page is made",
        "from the code; `make golden` writes it anew. `dougong schema KIND` prints the JSON Schema.",
    ]
    fields: Schema = {}
    for kind, model in KINDS.items():
        schema = kind_schema(kind, extensions)
        where = "`bundle.yaml`" if model.FOLDER == "." else f"`{model.FOLDER}/`"
        lines += ["", f"## {kind}", "", f"{_prose(model.__doc__)} It stands in {where}.", ""]
        own = {
            key: part
            for key, part in schema["properties"].items()
            if key not in ("kind", "name", "label", "description")
        }
        lines += _table(own, schema.get("required", ()))
        for name, part in schema.get("$defs", {}).items():
            if name not in fields:
                fields[name] = part
                lines += ["", f"### {name}", "", _prose(part.get("description")), ""]
                lines += _table(part["properties"], part.get("required", ()))
    lines += ["", "## Field types", "", "The further keys of a field are the options of its type."]
    for each in types:
        options = fields["Field"][BY_TYPE][each.name]
        own = {key: part for key, part in options["properties"].items() if part is not True}
        lines += ["", f"### {each.name}", "", _prose(each.__doc__)]
        lines += ["", *_table(own, options["required"])] if own else []
    lines += ["", "## Actions", "", "What stands under `actions:`, by its key `do`; the further keys are its options."]
    for action in sorted(extensions.actions, key=lambda each: each.do):
        options = fields["Action"][BY_DO][action.do]
        own = {key: part for key, part in options["properties"].items() if part is not True}
        lines += ["", f"### {action.do}", "", _prose(action.__doc__)]
        lines += ["", *_table(own, options["required"])] if own else []
    return "\n".join(lines) + "\n"


def _prose(docstring: Any) -> str:
    return " ".join(inspect.cleandoc(str(docstring or "")).split())


def _table(properties: Mapping[str, Any], required: Iterable[str]) -> Iterator[str]:
    """Write keys as a table."""
    if not properties:
        return
    needed = set(required)
    yield "| key | takes | |"
    yield "|---|---|---|"
    for key, part in properties.items():
        shown = f"**`{key}`**" if key in needed else f"`{key}`"
        default = part.get("default")
        said = part.get("description", "")
        if default not in (None, [], {}, ""):
            said = f"{said} By default `{json.dumps(default, ensure_ascii=False)}`.".strip()
        yield f"| {shown} | {_takes(part)} | {said} |".replace("|  |", "| |")


def _takes(part: Mapping[str, Any]) -> str:
    """Say what a key takes, in words."""
    if "anyOf" in part:
        branches = [_takes(each) for each in part["anyOf"] if each.get("type") != "null"]
        return "text, or text by language" if part.get("title") == "Text" else " or ".join(dict.fromkeys(branches))
    if "$ref" in part:
        return part["$ref"].removeprefix("#/$defs/")  # type: ignore[no-any-return]
    if "const" in part or "enum" in part:
        return ", ".join(f"`{each}`" for each in part.get("enum", [part.get("const")]))
    if part.get("type") == "array":
        return f"list of {_takes(part.get('items', {}))}"
    pattern = f", {PATTERNS[part['pattern']]}" if part.get("pattern") in PATTERNS else ""
    return _named(part) or _WORDS.get(part.get("type", ""), "any value") + pattern


def _named(part: Mapping[str, Any]) -> str:
    """Say what a text names, if it names something."""
    if "x-expression" in part:
        return "expression"
    if "x-refers" in part:
        return f"name of {'an' if part['x-refers'][0] in 'aeiou' else 'a'} {part['x-refers']}"
    if "x-field-of" in part:
        return "field"
    return "name" if part.get("pattern") == _NAME else ""
