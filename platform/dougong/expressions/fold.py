"""a tree with everything worked out that no record is needed for

`me`, `today()` and `now()` become what they are in a setting; what is constant becomes a literal; a comparison of the
day of a moment becomes one of the moment, so that its index can be used. What the tree means stays the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from dougong.expressions.dates import start_of_day
from dougong.expressions.errors import Overflow
from dougong.expressions.evaluate import evaluate
from dougong.expressions.functions import FUNCTIONS
from dougong.expressions.numbers import fit
from dougong.expressions.setting import NO_RECORD, Setting
from dougong.expressions.tree import (
    Aggregate,
    Arithmetic,
    Both,
    Call,
    Compare,
    CompareOperator,
    Conditional,
    Either,
    In,
    IsNull,
    Literal,
    Negative,
    Node,
    Not,
    Path,
    parts,
    with_parts,
)
from dougong.expressions.types import BOOLEAN, MOMENT, Type

_MIRRORED: Mapping[str, CompareOperator] = {
    "==": "==",
    "!=": "!=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}


def fold(node: Node, setting: Setting) -> Node:
    """Work out everything in a checked tree that no record is needed for."""
    new = with_parts(node, [fold(part, setting) for part in parts(node)])
    if not isinstance(new, Literal) and _is_constant(new):
        try:
            return Literal(evaluate(new, NO_RECORD, setting), new.at, new.type)
        except Overflow:
            # It may stand in a branch that is never taken; if not, the database will complain as well.
            return new
    simplify = _SIMPLIFY.get(type(new))
    return simplify(new, setting) if simplify else new


def never_blank(node: Node) -> bool:
    """Whether a value is sure to be there."""
    match node:
        case Literal(value):
            return value is not None and value != ""
        case Aggregate(function):
            return function in ("sum", "count")
        case Call(function, _, _, kind):
            return kind.sort == "boolean" and not FUNCTIONS[function].takes_blanks
        case _:
            return isinstance(node, (Compare, In, IsNull, Both, Either, Not))


def _is_constant(node: Node) -> bool:
    """Whether a node over folded parts needs no record; a span is part of the sum around it."""
    if isinstance(node, (Path, Aggregate)) or node.type.sort == "span":
        return False
    return all(isinstance(part, Literal) or _is_constant_span(part) for part in parts(node))


def _is_constant_span(node: Node) -> bool:
    return node.type.sort == "span" and all(isinstance(part, Literal) for part in parts(node))


def _is_blank(node: Node) -> bool:
    return isinstance(node, Literal) and not never_blank(node)


def _blank_if_part_is(node: Node, setting: Setting) -> Node:
    """Make blank what is computed from a blank."""
    for part in parts(node):
        blank_span = part.type.sort == "span" and any(_is_blank(count) for count in parts(part))
        if _is_blank(part) or blank_span:
            return Literal(False if node.type.sort == "boolean" else None, node.at, node.type)
    return node


def _call(node: Call, setting: Setting) -> Node:
    return (
        node if FUNCTIONS[node.function].takes_blanks or node.type.sort == "span" else _blank_if_part_is(node, setting)
    )


def _compare(node: Compare, setting: Setting) -> Node:
    if isinstance(node.left, Literal):
        node = replace(node, operator=_MIRRORED[node.operator], left=node.right, right=node.left)
    if _is_blank(node.right):
        return Literal(node.operator == "!=", node.at, BOOLEAN)
    if isinstance(node.right, Literal) and isinstance(node.left, Call) and node.left.function == "date_of":
        return _on_days(node, node.left.arguments[0], node.right.value, setting)
    return node


def _on_days(node: Compare, moment: Node, day: Any, setting: Setting) -> Node:
    """Compare a moment with the begin of a day instead of its own day with the day."""
    if not isinstance(moment, Path) or day.year in (dt.MINYEAR, dt.MAXYEAR):
        return node
    start = Literal(start_of_day(day, setting.zone), node.at, MOMENT)
    end = Literal(start_of_day(day + dt.timedelta(1), setting.zone), node.at, MOMENT)
    not_before = Compare(">=", moment, start, node.at, BOOLEAN)
    before_next = Compare("<", moment, end, node.at, BOOLEAN)
    match node.operator:
        case ">=":
            return not_before
        case "<=":
            return before_next
        case ">":
            return replace(not_before, right=end)
        case "<":
            return replace(before_next, right=start)
        case "==":
            return Both((not_before, before_next), node.at, BOOLEAN)
        case "!=":
            return Not(Both((not_before, before_next), node.at, BOOLEAN), node.at, BOOLEAN)


def _in(node: In, setting: Setting) -> Node:
    if isinstance(node.among, tuple):
        node = replace(node, among=tuple(element for element in node.among if not _is_blank(element)))
    if not node.among or _is_blank(node.item) or (isinstance(node.among, Literal) and not node.among.value):
        return Literal(node.negated, node.at, BOOLEAN)
    return node


def _is_null(node: IsNull, setting: Setting) -> Node:
    return Literal(node.negated, node.at, BOOLEAN) if never_blank(node.of) else node


def _both(node: Both, setting: Setting) -> Node:
    return _joined(node, node.parts, decides=False)


def _either(node: Either, setting: Setting) -> Node:
    return _joined(node, node.parts, decides=True)


def _joined(node: Both | Either, conditions: tuple[Node, ...], *, decides: bool) -> Node:
    """Leave out what changes nothing; one part that decides is enough. A blank condition does not hold."""
    left: list[Node] = []
    for condition in conditions:
        if not isinstance(condition, Literal):
            left.append(condition)
        elif bool(condition.value) is decides:
            return Literal(decides, node.at, BOOLEAN)
    if not left:
        return Literal(not decides, node.at, BOOLEAN)
    # A lone field stays inside: as a value of its own it could be blank.
    return left[0] if len(left) == 1 and never_blank(left[0]) else replace(node, parts=tuple(left))


def _conditional(node: Conditional, setting: Setting) -> Node:
    if not isinstance(node.condition, Literal):
        return node
    chosen = node.then if node.condition.value else node.otherwise
    if isinstance(chosen, Literal):
        return _as(chosen, node.type) or node
    return chosen if chosen.type == node.type else node


def _as(literal: Literal, wanted: Type) -> Node | None:
    """Give a literal another scale, if it fits."""
    if isinstance(literal.value, Decimal):
        try:
            fit(literal.value, wanted.scale)
        except Overflow:
            return None
    return replace(literal, type=wanted)


_SIMPLIFY: Mapping[type, Callable[[Any, Setting], Node]] = {
    Negative: _blank_if_part_is,
    Arithmetic: _blank_if_part_is,
    Call: _call,
    Compare: _compare,
    In: _in,
    IsNull: _is_null,
    Both: _both,
    Either: _either,
    Conditional: _conditional,
}
