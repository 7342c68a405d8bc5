"""the tree as JSON, for the browser's evaluator (ui_templates/assets/expressions.js)

A node is an object with its sort under `node`; a number is text, so that no digit is lost, and so are dates and
moments.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any, get_args

from dougong.expressions.tree import Literal, Node, Value
from dougong.expressions.types import BLANK, Type

_NAMES: Mapping[type, str] = {
    kind: "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in kind.__name__).lstrip("_")
    for kind in get_args(Node)
}
_CLASSES: Mapping[str, Any] = {name: kind for kind, name in _NAMES.items()}


def to_json(node: Node) -> dict[str, Any]:
    """Give a tree as data that JSON can hold."""
    data: dict[str, Any] = {"node": _NAMES[type(node)]}
    for field in fields(node):
        value = getattr(node, field.name)
        data[field.name] = _value_out(value) if isinstance(node, Literal) and field.name == "value" else _out(value)
    return data


def from_json(data: Mapping[str, Any]) -> Node:
    """Make the tree again that `to_json` gave."""
    kind = _CLASSES[data["node"]]
    given = {field.name: _in(data[field.name]) for field in fields(kind)}
    if kind is Literal:
        given["value"] = _value_in(data["value"], given["type"])
    node: Node = kind(**given)
    return node


def _out(value: Any) -> Any:
    if type(value) in _NAMES:
        return to_json(value)
    if isinstance(value, tuple):
        return [_out(each) for each in value]
    if isinstance(value, Type):
        given = {"sort": value.sort, "scale": value.scale, "object": value.object}
        return {name: each for name, each in given.items() if each not in (None, 0)}
    return value


def _in(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_in(each) for each in value)
    if isinstance(value, Mapping):
        return from_json(value) if "node" in value else Type(**value)
    return value


def _value_out(value: Value) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _value_in(value: Any, kind: Type) -> Value:
    if value is None or kind == BLANK:
        return None
    if kind.sort == "number":
        return Decimal(value)
    if kind.sort == "moment":
        return dt.datetime.fromisoformat(value)
    if kind.sort == "date":
        return dt.date.fromisoformat(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(value)
    plain: Value = value
    return plain
