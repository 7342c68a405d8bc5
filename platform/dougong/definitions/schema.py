"""the JSON Schema of a kind, derived from its class and the options of field types and actions"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from dougong.base.names import LONGEST_NAME
from dougong.definitions.kinds import KINDS
from dougong.definitions.kinds.parts import LANGUAGE
from dougong.sdk.action import Action
from dougong.sdk.extensions import Extensions

DIALECT = "https://json-schema.org/draft/2020-12/schema"
BY_TYPE = "x-by-type"
"""Our keyword: which schema an object has, by its key `type`. Published schemas say the same with `if` and `then`."""
BY_DO = "x-by-do"
"""The same by its key `do`: which action it is."""
NAMES = "x-names"
"""What the entries of an `enum` are, for messages."""

TYPED = ("Field", "Parameter", "Input")
"""The parts whose further keys are the options of a field type."""

Schema = dict[str, Any]

_OURS_ALONE = ("place", "bundle", "is_system")
"""Attributes that the engine fills in, and no author."""


def json_schema(kind: str, extensions: Extensions) -> Schema:
    """Give the published JSON Schema of a kind, for editors and the studio."""
    schema = kind_schema(kind, extensions)
    for part in [schema, *schema.get("$defs", {}).values()]:
        for keyword, key in ((BY_TYPE, "type"), (BY_DO, "do")):
            by_name = part.pop(keyword, None)
            if by_name:
                part["allOf"] = [
                    {"if": {"properties": {key: {"const": name}}, "required": [key]}, "then": then}
                    for name, then in by_name.items()
                ]
    return {"$schema": DIALECT, "$id": f"dougong/{kind}.json", **schema}


def strict_schema(kind: str, extensions: Extensions) -> Schema:
    """Give the schema that `validate` runs: the same, without references and words."""
    schema = kind_schema(kind, extensions)
    definitions = schema.pop("$defs", {})
    inlined: Schema = _inline(schema, definitions)
    return inlined


def kind_schema(kind: str, extensions: Extensions) -> Schema:
    """Give what both are made from: references under `$defs`, and our keywords for options of extensions."""
    schema = KINDS[kind].model_json_schema()
    _clean(schema)
    definitions = schema.setdefault("$defs", {})
    definitions.pop("FieldType_Any_", None)
    steps = schema["properties"].get("actions", {})
    if steps.get("items", {}).get("title") == Action.__name__:
        definitions[Action.__name__] = steps["items"]
        steps["items"] = {"$ref": f"#/$defs/{Action.__name__}"}
    for part in [schema, *definitions.values()]:
        for name in _OURS_ALONE:
            part.get("properties", {}).pop(name, None)
    schema["properties"]["kind"] = {"const": kind}
    schema["required"] = list(dict.fromkeys(("kind", "name", *schema.get("required", ()))))
    for typed in TYPED:
        if typed in definitions:
            _add_types(definitions[typed], definitions, extensions)
    if Action.__name__ in definitions:
        _add_actions(definitions[Action.__name__], definitions, extensions)
    used = _used(schema, definitions)
    schema["$defs"] = {name: part for name, part in definitions.items() if name in used}
    if not schema["$defs"]:
        del schema["$defs"]
    return schema


def _add_types(field: Schema, definitions: Schema, extensions: Extensions) -> None:
    """Let a field have the options of its type."""
    known = {each.name: each for each in extensions.field_types}
    field["properties"]["type"] = {"enum": sorted(known), NAMES: "field type"}
    del field["additionalProperties"]
    field[BY_TYPE] = {name: _options(field, known[name], definitions) for name in sorted(known)}


def _add_actions(action: Schema, definitions: Schema, extensions: Extensions) -> None:
    """Let an action have its own options, and the key that says which one it is."""
    known = {each.do: each for each in extensions.actions}
    action["properties"] = {"do": {"enum": sorted(known), NAMES: "action"}, **action["properties"]}
    action["required"] = ["do", *action.get("required", ())]
    del action["additionalProperties"]
    action[BY_DO] = {name: _options(action, known[name], definitions) for name in sorted(known)}


def _options(around: Schema, extension: type[BaseModel], definitions: Schema) -> Schema:
    """Describe the options of an extension, beside the keys that all of its sort have."""
    options = extension.model_json_schema()
    _clean(options)
    definitions.update(options.get("$defs", {}))
    common = around["properties"]
    own = {name: part for name, part in options.get("properties", {}).items() if name not in common}
    return {
        "description": (extension.__doc__ or "").strip().split("\n")[0],
        "properties": {**dict.fromkeys(common, True), **own},
        "required": [name for name in options.get("required", []) if name not in common],
        "additionalProperties": False,
    }


def _clean(schema: Any) -> None:
    """Drop titles that only repeat a key, say what a `Text` is, and describe names."""
    if isinstance(schema, list):
        for each in schema:
            _clean(each)
    if not isinstance(schema, dict):
        return
    if schema.get("title") == "Text" and "anyOf" in schema:
        schema["anyOf"][1]["propertyNames"] = {"pattern": LANGUAGE}
    for name, part in schema.get("properties", {}).items():
        if isinstance(part, dict) and str(part.get("title", "")).lower() == name.replace("_", " "):
            del part["title"]
    for each in schema.values():
        _clean(each)


def _used(schema: Any, definitions: Mapping[str, Any]) -> set[str]:
    """Find which definitions a schema leads to."""
    found: set[str] = set()
    waiting = [schema["properties"], schema.get(BY_TYPE)]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            name = str(part.get("$ref", "")).removeprefix("#/$defs/")
            if name and name not in found and name in definitions:
                found.add(name)
                waiting.append(definitions[name])
            waiting += [each for key, each in part.items() if key != "$ref"]
    return found


_WORDS = ("description", "title", "default", "examples")


def _inline(schema: Any, definitions: Mapping[str, Any], *, names: bool = False) -> Any:
    """Put definitions in the place of references; `names` says that the keys are an author's, not JSON Schema's."""
    if isinstance(schema, list):
        return [_inline(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema and not names:
        return _inline(definitions[schema["$ref"].removeprefix("#/$defs/")], definitions)
    return {
        key: _inline(each, definitions, names=not names and key in ("properties", BY_TYPE, BY_DO))
        for key, each in schema.items()
        if names or key not in _WORDS
    }


PATTERNS = {
    r"^\d+\.\d+\.\d+$": "like 1.2.0",
    r"^[A-Za-z_][A-Za-z0-9_]{0,59}$": "with letters, digits and _, and does not begin with a digit; at most 60",
    r"^[a-z_]+/[a-z][a-z0-9_]{0,39}$": "like object/customer",
}
"""What a pattern means, in words."""

NAME_HINT = f"a small letter, then small letters, digits and _; at most {LONGEST_NAME}"
