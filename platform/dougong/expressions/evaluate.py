"""the tree over values, in Python

A checked tree is compiled once into closures, one for each node; running them is all that is left to do per record.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from dougong.base.sql_types import EXACT
from dougong.expressions.dates import shift_date, shift_moment
from dougong.expressions.errors import Overflow
from dougong.expressions.functions import FUNCTIONS, LONGEST_RESULT, Function, join
from dougong.expressions.numbers import ZERO, exact, fit, product_scale, quotient, rounded
from dougong.expressions.setting import Reach, Setting
from dougong.expressions.tree import (
    Aggregate,
    Arithmetic,
    Both,
    Call,
    Compare,
    Conditional,
    Either,
    In,
    IsNull,
    Literal,
    Me,
    Negative,
    Node,
    Not,
    OrBlank,
    Path,
    Value,
)
from dougong.expressions.types import Type

__all__ = ["LONGEST_RESULT", "Overflow", "Reach", "Run", "Setting", "evaluate", "evaluator"]

Run = Callable[[Reach, Setting], Value]
_Run = Callable[[Reach, Setting], Any]

_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def evaluator(node: Node) -> Run:
    """Compile a checked tree; the result may be kept as long as the tree, and run for any number of records."""
    return _compiled(node)


def evaluate(node: Node, reach: Reach, setting: Setting) -> Value:
    """Give the value of a checked tree for one record."""
    value: Value = _compiled(node)(reach, setting)
    return value


def _compiled(node: Node) -> _Run:
    return _BY_CLASS[type(node)](node)


def _literal(node: Literal) -> _Run:
    value = node.value if node.value != "" else None
    return lambda reach, setting: value


def _path(node: Path) -> _Run:
    names = node.names
    if node.type.sort == "number":

        def number(reach: Reach, setting: Setting) -> Any:
            value = reach.get(names)
            return value if value.__class__ is Decimal else exact(value)

        return number
    if node.type.sort in ("text", "codes"):
        return lambda reach, setting: reach.get(names) or None
    return lambda reach, setting: reach.get(names)


def _me(node: Me) -> _Run:
    names = node.names
    if node.type.sort == "number":
        return lambda reach, setting: exact(setting.fact(names))
    if node.type.sort in ("text", "codes"):
        return lambda reach, setting: setting.fact(names) or None
    return lambda reach, setting: setting.fact(names)


def _negative(node: Negative) -> _Run:
    of = _compiled(node.of)

    def run(reach: Reach, setting: Setting) -> Any:
        value = of(reach, setting)
        return value if value is None else EXACT.minus(value)

    return run


def _arithmetic(node: Arithmetic) -> _Run:
    left, right = _compiled(node.left), _compiled(node.right)
    apply = _operation(node)

    def run(reach: Reach, setting: Setting) -> Any:
        one = left(reach, setting)
        if one is None:
            return None
        other = right(reach, setting)
        return None if other is None else apply(one, other, setting)

    return run


def _operation(node: Arithmetic) -> Callable[[Any, Any, Setting], Any]:
    """Find out what an operator does to two values that are both there."""
    if node.type.sort in ("date", "moment"):
        return _shift(node)
    if node.type.sort == "text":
        return lambda one, other, setting: join((one, other))
    scale = node.type.scale
    match node.operator:
        case "+":
            return lambda one, other, setting: fit(EXACT.add(one, other), scale)
        case "-":
            return lambda one, other, setting: fit(EXACT.subtract(one, other), scale)
        case "*" if node.left.type.scale + node.right.type.scale > product_scale(
            node.left.type.scale, node.right.type.scale
        ):
            return lambda one, other, setting: rounded(EXACT.multiply(one, other), scale)
        case "*":
            return lambda one, other, setting: fit(EXACT.multiply(one, other), scale)
        case "/":
            return lambda one, other, setting: quotient(one, other)


def _shift(node: Arithmetic) -> Callable[[Any, Any, Setting], Any]:
    sign = 1 if node.operator == "+" else -1
    if node.type.sort == "date":
        return lambda day, span, setting: shift_date(day, sign * span.months, sign * span.days)
    return lambda moment, span, setting: shift_moment(moment, sign * span.months, sign * span.days, setting.zone)


def _compare(node: Compare) -> _Run:
    left, right = _compiled(node.left), _compiled(node.right)
    test = _TESTS[node.operator]
    if_blank = node.operator == "!="

    def run(reach: Reach, setting: Setting) -> bool:
        one = left(reach, setting)
        if one is None:
            return if_blank
        other = right(reach, setting)
        return if_blank if other is None else test(one, other)

    return run


def _in(node: In) -> _Run:
    item = _compiled(node.item)
    negated = node.negated
    if isinstance(node.among, tuple):
        several = [_compiled(element) for element in node.among]

        def any_of(reach: Reach, setting: Setting) -> bool:
            value = item(reach, setting)
            found = value is not None and any(value == element(reach, setting) for element in several)
            return found is not negated

        return any_of
    among = _compiled(node.among)

    def one_code(reach: Reach, setting: Setting) -> bool:
        value = item(reach, setting)
        found = value is not None and value in (among(reach, setting) or ())
        return found is not negated

    return one_code


def _is_null(node: IsNull) -> _Run:
    of = _compiled(node.of)
    if node.negated:
        return lambda reach, setting: of(reach, setting) is not None
    return lambda reach, setting: of(reach, setting) is None


def _both(node: Both) -> _Run:
    conditions = tuple(_compiled(part) for part in node.parts)

    def run(reach: Reach, setting: Setting) -> bool:
        for condition in conditions:  # noqa: SIM110 # all() with a generator takes twice the time
            if not condition(reach, setting):
                return False
        return True

    return run


def _either(node: Either) -> _Run:
    conditions = tuple(_compiled(part) for part in node.parts)

    def run(reach: Reach, setting: Setting) -> bool:
        for condition in conditions:  # noqa: SIM110 # any() with a generator takes twice the time
            if condition(reach, setting):
                return True
        return False

    return run


def _not(node: Not) -> _Run:
    of = _compiled(node.of)
    return lambda reach, setting: not of(reach, setting)


def _conditional(node: Conditional) -> _Run:
    condition, then, otherwise = (
        _compiled(node.condition),
        _widened(node.then, node.type),
        _widened(node.otherwise, node.type),
    )
    return lambda reach, setting: then(reach, setting) if condition(reach, setting) else otherwise(reach, setting)


def _widened(node: Node, wanted: Type) -> _Run:
    """Compile a node whose number has to fit a type with more decimal places, and so fewer before the point."""
    of = _compiled(node)
    if wanted.sort != "number" or wanted.scale <= node.type.scale:
        return of

    def run(reach: Reach, setting: Setting) -> Any:
        value = of(reach, setting)
        return value if value is None else fit(value, wanted.scale)

    return run


def _call(node: Call) -> _Run:
    function = FUNCTIONS[node.function]
    arguments = tuple(_compiled(argument) for argument in node.arguments)
    run = _lazy(node, function, arguments) if function.takes_blanks else _strict(node, function, arguments)
    if node.type.sort == "text":
        return lambda reach, setting: run(reach, setting) or None
    return run


def _lazy(node: Call, function: Function, arguments: tuple[_Run, ...]) -> _Run:
    apply = function.python
    return lambda reach, setting: apply(node, setting, (argument(reach, setting) for argument in arguments))


def _strict(node: Call, function: Function, arguments: tuple[_Run, ...]) -> _Run:
    apply = function.python
    if_blank = False if node.type.sort == "boolean" else None
    if len(arguments) == 1:
        only = arguments[0]

        def run_one(reach: Reach, setting: Setting) -> Any:
            value = only(reach, setting)
            return if_blank if value is None else apply(node, setting, value)

        return run_one

    def run(reach: Reach, setting: Setting) -> Any:
        values = [argument(reach, setting) for argument in arguments]
        return if_blank if None in values else apply(node, setting, *values)

    return run


def _aggregate(node: Aggregate) -> _Run:
    children = node.children
    if node.of is None:
        return lambda reach, setting: Decimal(sum(1 for child in reach.children(children)))
    of = _compiled(node.of)
    total = _TOTALS[node.function]
    scale = node.type.scale

    def run(reach: Reach, setting: Setting) -> Any:
        values = [value for child in reach.children(children) if (value := of(child, setting)) is not None]
        return total(values, scale)

    return run


def _or_blank(node: OrBlank) -> _Run:
    of = _compiled(node.of)

    def run(reach: Reach, setting: Setting) -> Any:
        try:
            return of(reach, setting)
        except Overflow:
            return None

    return run


def _sum(values: list[Any], scale: int) -> Decimal:
    total = ZERO
    for value in values:
        total = EXACT.add(total, value)
    return fit(total, scale)


def _mean(values: list[Any], scale: int) -> Decimal | None:
    total = ZERO
    for value in values:
        total = EXACT.add(total, value)
    return quotient(total, Decimal(len(values)))


_TOTALS: Mapping[str, Callable[[list[Any], int], Any]] = {
    "sum": _sum,
    "count": lambda values, scale: Decimal(sum(1 for value in values if value)),
    "min": lambda values, scale: min(values, default=None),
    "max": lambda values, scale: max(values, default=None),
    "avg": _mean,
}

_BY_CLASS: Mapping[type, Callable[[Any], _Run]] = {
    Literal: _literal,
    Path: _path,
    Me: _me,
    Negative: _negative,
    Arithmetic: _arithmetic,
    Compare: _compare,
    In: _in,
    IsNull: _is_null,
    Both: _both,
    Either: _either,
    Not: _not,
    Conditional: _conditional,
    Call: _call,
    Aggregate: _aggregate,
    OrBlank: _or_blank,
}
