"""one value where another type is wanted: dates and ids written as text, moments as days, blanks as anything"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce

from dougong.base.names import is_id
from dougong.base.text import Message
from dougong.expressions.dates import to_the_millisecond
from dougong.expressions.errors import ExpressionError, shown
from dougong.expressions.tree import Call, Literal, Node
from dougong.expressions.types import BLANK, DATE, TEXT, Type, number

_DESCRIBED = {
    "text": Message("a text"), "number": Message("a number"), "boolean": Message("true or false"),
    "date": Message("a date"), "moment": Message("a moment"), "span": Message("a span of time"),
    "codes": Message("several codes"), "record": Message("a lookup"), "children": Message("lines"),
    "list": Message("a list"), "blank": Message("blank"),
}  # fmt: skip

A_DATE = "2026-11-22"


def described(kind: Type) -> Message:
    """Say what a type is, for an author."""
    if kind.sort == "record" and kind.object:
        return Message("a lookup to '{object}'", object=kind.object)
    return _DESCRIBED[kind.sort]


def described_all(kinds: Iterable[Type], *, either: bool = False) -> Message:
    """Say what several types are, each once: one and another, or (`either`) one or another."""
    several = {str(each): each for each in map(described, kinds)}.values()
    return reduce(_or if either else _and, several)


def _or(one: Message, other: Message) -> Message:
    return Message("{one} or {other}", one=one, other=other)


def _and(one: Message, other: Message) -> Message:
    return Message("{one}, {other}", one=one, other=other)


def fitted(node: Node, wanted: Type) -> Node | None:
    """Give a node as the wanted type, or None where it cannot be; a number keeps its own decimal places."""
    given = node.type
    if is_written_blank(node):
        return replace(node, type=wanted)
    if given.sort == wanted.sort:
        return node if given.object == wanted.object or wanted.object is None else None
    if given.sort == "moment" and wanted.sort == "date":
        return Call("date_of", (node,), node.at, DATE)
    if isinstance(node, Literal) and given.sort == "text":
        return _read(node, wanted)
    return None


def unified(nodes: Sequence[Node]) -> tuple[Type, tuple[Node, ...]] | None:
    """Give nodes one common type, or None where there is none; of numbers, that with the most decimal places."""
    anchor = _anchor([node for node in nodes if not is_written_blank(node)])
    found = [fitted(node, anchor) for node in nodes]
    fitting = tuple(node for node in found if node is not None)
    if len(fitting) < len(nodes):
        return None
    if anchor.sort == "number":
        anchor = number(max(node.type.scale for node in fitting))
        fitting = tuple(replace(node, type=anchor) if is_written_blank(node) else node for node in fitting)
    return anchor, fitting


def is_written_blank(node: Node) -> bool:
    """Whether a node is `null`, or the empty text, which is the same."""
    return isinstance(node, Literal) and (node.value is None or node.value == "")


def _anchor(nodes: Sequence[Node]) -> Type:
    """Pick the type that the others have to fit: not that of a text written out, which may be a date or an id."""
    written = [str(node.value) for node in nodes if isinstance(node, Literal) and node.type.sort == "text"]
    found = [node.type for node in nodes if not (isinstance(node, Literal) and node.type.sort == "text")]
    if not found:
        return TEXT if nodes else BLANK
    is_day = any(kind.sort == "date" for kind in found) or any(len(text) <= len(A_DATE) for text in written)
    return DATE if is_day and found[0].sort in ("date", "moment") else found[0]


def _read(literal: Literal, wanted: Type) -> Literal | None:
    """Read a text written out as a date, a moment or an id."""
    written = str(literal.value)
    if wanted.sort == "date":
        return replace(literal, value=_date(written, literal.at), type=wanted)
    if wanted.sort == "moment":
        return replace(literal, value=_moment(written, literal.at), type=wanted)
    if wanted.sort == "record":
        if not is_id(written):
            raise ExpressionError("'{piece}' is not an id", at=literal.at, piece=shown(written))
        return replace(literal, type=wanted)
    return None


def _date(written: str, at: int) -> dt.date:
    try:
        if len(written) == len(A_DATE):
            return dt.date.fromisoformat(written)
    except ValueError:
        pass
    hint = Message("write it like '{example}'", example=A_DATE)
    raise ExpressionError("'{piece}' is not a date", at=at, hint=hint, piece=shown(written))


def _moment(written: str, at: int) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(written)
        if moment.tzinfo is not None:
            return to_the_millisecond(moment)
    except (ValueError, OverflowError):
        pass
    hint = Message("write it with its zone, like '2026-11-22T08:30:00Z' or '2026-11-22T16:30:00+08:00'")
    raise ExpressionError("'{piece}' is not a moment", at=at, hint=hint, piece=shown(written))
