"""the closed tree of an expression

`parse` makes it without types; `check` gives every node its type. A path is the names from the record one stands on:
`customer.owner.name` is `Path(("customer", "owner", "name"))`; `me` and `me.unit` are `Me(())` and `Me(("unit",))`.
"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from typing import Literal as OneOf

from dougong.expressions.types import BLANK, Type

Value = str | bool | decimal.Decimal | dt.date | dt.datetime | tuple[str, ...] | None
"""A lookup is the id it points to, as text; a multi_choice the tuple of its codes; None is blank."""
CompareOperator = OneOf["==", "!=", "<", "<=", ">", ">="]
ArithmeticOperator = OneOf["+", "-", "*", "/"]
Aggregation = OneOf["sum", "count", "min", "max", "avg"]


@dataclass(frozen=True)
class Literal:
    """A value written in the expression, or one that took the place of `me` or `today()`."""

    value: Value
    at: int = 0
    """Where it begins in the text, from 0."""
    type: Type = BLANK


@dataclass(frozen=True)
class Path:
    """A field of this record, or of one that its lookups lead to."""

    names: tuple[str, ...]
    at: int = 0
    type: Type = BLANK


@dataclass(frozen=True)
class Me:
    """The person who asks, or a fact about them."""

    names: tuple[str, ...]
    at: int = 0
    type: Type = BLANK


@dataclass(frozen=True)
class Negative:
    """A number with its sign turned."""

    of: Node
    at: int = 0
    type: Type = BLANK


@dataclass(frozen=True)
class Arithmetic:
    """Two operands and `+ - * /`; `+` also joins texts, and `+ -` move a date by a span, which stands on the right."""

    operator: ArithmeticOperator
    left: Node
    right: Node
    at: int = 0
    type: Type = BLANK


@dataclass(frozen=True)
class Compare:
    """Two operands compared; always true or false."""

    operator: CompareOperator
    left: Node
    right: Node
    at: int = 0
    type: Type = BLANK


@dataclass(frozen=True)
class In:
    """Whether a value is one of a list, or a code is among the codes of a multi_choice."""

    item: Node
    among: tuple[Node, ...] | Node
    negated: bool
    at: int = 0
    type: Type = BLANK


@dataclass(frozen=True)
class IsNull:
    """Whether a value is blank."""

    of: Node
    negated: bool
    at: int = 0
    type: Type = BLANK


@dataclass(frozen=True)
class Both:
    """Several conditions that must all hold."""

    parts: tuple[Node, ...]
    at: int = 0
    type: Type = BLANK


@dataclass(frozen=True)
class Either:
    """Several conditions of which one must hold."""

    parts: tuple[Node, ...]
    at: int = 0
    type: Type = BLANK


@dataclass(frozen=True)
class Not:
    """A condition that must not hold."""

    of: Node
    at: int = 0
    type: Type = BLANK


@dataclass(frozen=True)
class Conditional:
    """`then if condition else otherwise`."""

    condition: Node
    then: Node
    otherwise: Node
    at: int = 0
    type: Type = BLANK


@dataclass(frozen=True)
class Call:
    """A function of ours with its arguments."""

    function: str
    arguments: tuple[Node, ...]
    at: int = 0
    type: Type = BLANK


@dataclass(frozen=True)
class Aggregate:
    """A value over the children of this record: `sum(lines.amount)`, `count(lines)`, `sum(lines.price * lines.tax)`.

    `children` is the path to the children field; `of` stands on one child (its paths are from the child), and is None
    for `count(lines)`. Only `check` makes it; `parse` gives a `Call`.
    """

    function: Aggregation
    children: tuple[str, ...]
    of: Node | None
    at: int = 0
    type: Type = BLANK


@dataclass(frozen=True)
class OrBlank:
    """A part of a formula that is computed on reading: what does not fit is blank here, not an error (decision 23)."""

    of: Node
    at: int = 0
    type: Type = BLANK


Node = (
    Literal
    | Path
    | Me
    | Negative
    | Arithmetic
    | Compare
    | In
    | IsNull
    | Both
    | Either
    | Not
    | Conditional
    | Call
    | Aggregate
    | OrBlank
)


_PARTS: Mapping[type, tuple[str, ...]] = {
    Literal: (),
    Path: (),
    Me: (),
    Negative: ("of",),
    Arithmetic: ("left", "right"),
    Compare: ("left", "right"),
    In: ("item", "among"),
    IsNull: ("of",),
    Both: ("parts",),
    Either: ("parts",),
    Not: ("of",),
    Conditional: ("condition", "then", "otherwise"),
    Call: ("arguments",),
    Aggregate: ("of",),
    OrBlank: ("of",),
}
"""Where other nodes stand in a node, one or a tuple of them."""


def parts(node: Node) -> tuple[Node, ...]:
    """Give the nodes directly under a node."""
    found: list[Node] = []
    for name in _PARTS[type(node)]:
        under = getattr(node, name)
        found += under if isinstance(under, tuple) else () if under is None else (under,)
    return tuple(found)


def with_parts(node: Node, new: Sequence[Node]) -> Node:
    """Give the same node over other parts, as many as `parts` gave."""
    rest = iter(new)
    changed: dict[str, Any] = {}
    for name in _PARTS[type(node)]:
        under = getattr(node, name)
        if isinstance(under, tuple):
            changed[name] = tuple(islice(rest, len(under)))
        elif under is not None:
            changed[name] = next(rest)
    return replace(node, **changed) if changed else node


def or_blank(node: Node) -> Node:
    """Let every part of a checked tree that may grow too large be blank instead."""
    new = with_parts(node, [or_blank(part) for part in parts(node)])
    may_grow = isinstance(node, (Arithmetic, Call, Aggregate, Conditional))
    return OrBlank(new, node.at, node.type) if may_grow and node.type.sort not in ("boolean", "span") else new


def walk(node: Node) -> Iterator[Node]:
    """Give a node and all nodes under it; those inside an `Aggregate` stand on a child."""
    yield node
    for part in parts(node):
        yield from walk(part)
