"""E480: a recipient leads to no person

`field` and `expression` have to give a user, and `unit_head` a unit.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from dougong.base.problems import Problem
from dougong.definitions.kinds.object import Object
from dougong.definitions.kinds.parts import Definition
from dougong.definitions.kinds.people import Recipient
from dougong.definitions.linked import Linked
from dougong.definitions.marked import Path
from dougong.expressions.check import check
from dougong.expressions.errors import ExpressionError
from dougong.expressions.parse import parse
from dougong.expressions.types import Type

CODE = "E480"
_WANTED = {"field": "user", "unit_head": "unit", "expression": "user"}


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at all recipients, wherever they stand."""
    for definition in linked.all():
        object_name = getattr(definition, "object", None)
        if isinstance(object_name, str) and linked.find(Object, object_name) is not None:
            for recipient, path in _recipients(linked, definition, ()):
                yield from _wrong(linked, definition, object_name, recipient, path)


def _recipients(linked: Linked, part: BaseModel, path: Path) -> Iterator[tuple[Recipient, Path]]:
    for shape in linked.shapes[type(part)].values() if type(part) in linked.shapes else ():
        value = getattr(part, shape.name)
        for position, item in enumerate(value if isinstance(value, tuple) else ()):
            if isinstance(item, Recipient):
                yield item, (*path, shape.name, position)
            elif isinstance(item, BaseModel):
                yield from _recipients(linked, item, (*path, shape.name, position))


def _wrong(
    linked: Linked, definition: Definition, object_name: str, recipient: Recipient, path: Path
) -> Iterator[Problem]:
    for key, wanted in _WANTED.items():
        text = getattr(recipient, key)
        given = _type(linked, object_name, text) if text is not None else None
        if given is not None and given.object != wanted:
            said = f"'{text}' gives {given}, and not a {wanted}"
            yield Problem(linked.place(definition, *path, key), CODE, said, f"name a lookup to '{wanted}'")


def _type(linked: Linked, object_name: str, text: str) -> Type | None:
    """Give what a path or an expression leads to; None where linking has complained already."""
    try:
        return check(parse(text), linked, object_name).type
    except ExpressionError:
        return None
