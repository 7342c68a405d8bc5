"""`this`: in the condition of what a lookup offers, the record that the lookup stands on"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from dougong.base.text import Message
from dougong.expressions.check import check, references
from dougong.expressions.errors import ExpressionError, Overflow, shown
from dougong.expressions.functions import FUNCTIONS
from dougong.expressions.numbers import exact
from dougong.expressions.parse import parse
from dougong.expressions.tree import Both, Call, Compare, Either, In, Literal, Node, Not, Path, parts, walk, with_parts
from dougong.expressions.types import BOOLEAN, Scope, Type, record

THIS = "this"
"""The word itself; no field may have this name."""


class _WithThis:
    """A scope in which the records of one object have `this`, a record of another."""

    def __init__(self, scope: Scope, object_name: str, this: str) -> None:
        self._scope = scope
        self._object = object_name
        self._this = this

    def type_of(self, object_name: str, field: str) -> Type | None:
        """Give the type of a field, or of `this`."""
        if field == THIS:
            return record(self._this) if object_name == self._object else None
        return self._scope.type_of(object_name, field)

    def names(self, object_name: str) -> Iterable[str]:
        """Give the names of an object's fields."""
        return self._scope.names(object_name)


def check_offer(text: str, scope: Scope, object_name: str, this: str) -> Node:
    """Read what a lookup says of the records of an object that it offers, or raise `ExpressionError`.

    `this` is the object whose field the lookup is. The tree has its paths as `Path(("this", "customer"))`.
    """
    node = check(parse(text), _WithThis(scope, object_name, this), object_name, expect=BOOLEAN)
    for part in walk(node):
        if isinstance(part, Path) and THIS in part.names:
            if THIS in part.names[1:]:
                hint = Message("write '{instead}'", instead=shown(".".join(part.names[part.names.index(THIS, 1) :])))
                raise ExpressionError("'this' can only stand at the beginning", at=part.at, hint=hint)
            if len(part.names) == 1:
                hint = Message("like {example}", example="this.id")
                raise ExpressionError("'this' wants a field behind it", at=part.at, hint=hint)
    return node


def offer_references(node: Node, scope: Scope, object_name: str, this: str) -> Iterator[tuple[str, str]]:
    """Give every object and field that a checked condition reads, those of `this` too."""
    found = references(node, _WithThis(scope, object_name, this), object_name)
    return (pair for pair in found if pair[1] != THIS)


def named(node: Node) -> tuple[tuple[str, ...], ...]:
    """Give the paths that a condition follows from `this`: `(("customer",),)`."""
    paths = (part.names[1:] for part in walk(node) if isinstance(part, Path) and part.names[0] == THIS)
    return tuple(dict.fromkeys(paths))


def put_into(node: Node, value_of: Callable[[tuple[str, ...]], Any]) -> Node:
    """Put the values of one record in the place of what a condition says of `this`."""
    if isinstance(node, Path) and node.names[0] == THIS:
        try:
            value = value_of(node.names[1:])
        except Overflow:
            value = None
        if node.type.sort == "number":
            value = exact(value)
        return Literal(value if value not in ("", ()) else None, node.at, node.type)
    return with_parts(node, [put_into(part, value_of) for part in parts(node)])


def without_blanks(node: Node, is_blank: Callable[[Node], bool], *, holds: bool = True) -> Node:
    """Leave out the comparisons that have a blank side: they neither let a record in nor keep it out."""
    match node:
        case Both() | Either():
            return with_parts(node, [without_blanks(part, is_blank, holds=holds) for part in node.parts])
        case Not():
            return replace(node, of=without_blanks(node.of, is_blank, holds=not holds))
        case Compare():
            blank = is_blank(node.left) or is_blank(node.right)
        case In():
            among = node.among if isinstance(node.among, tuple) else (node.among,)
            blank = is_blank(node.item) or all(map(is_blank, among))
        case Call() if node.type.sort == "boolean" and not FUNCTIONS[node.function].takes_blanks:
            blank = any(map(is_blank, node.arguments))
        case _:
            return node
    return Literal(holds, node.at, BOOLEAN) if blank else node
