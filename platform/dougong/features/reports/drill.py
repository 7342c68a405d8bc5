"""from a number to the records behind it: conditions that a list takes"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dougong.catalog.model import ObjectModel, Report
from dougong.context import Context
from dougong.definitions.kinds.report import Dimension, Measure
from dougong.expressions.check import check
from dougong.expressions.dates import start_of_day
from dougong.expressions.errors import ExpressionError, Overflow
from dougong.expressions.fold import fold, never_blank
from dougong.expressions.parameters import NONE, Parameters
from dougong.expressions.parse import parse
from dougong.expressions.tree import Literal, Node
from dougong.expressions.types import BOOLEAN
from dougong.expressions.write import Unwritable, literal, write
from dougong.records import aggregate as gate
from dougong.records.read import ReadableScope

EVERYTHING = ""
"""The condition that every record fulfils."""
_SAID = (str, bool, int, decimal.Decimal, dt.date)


@dataclass(frozen=True)
class Drill:
    """How to find the records behind the numbers of one report.

    A condition is an expression on `object` in the zone of the instance, without parameters or `today()`: blank for
    every record, None where no text says it.
    """

    object: str
    base: str | None
    """Of all that the report finds."""
    dimensions: Mapping[str, Callable[[Any], str | None]]
    """By dimension: the condition of one of its values."""
    measures: Mapping[str, str | None]
    """By measure: what it counts of a group."""

    def where(
        self,
        values: Mapping[str, Any] | None = None,
        measure: str | None = None,
        *,
        beyond: tuple[str, Sequence[Any]] | None = None,
    ) -> str | None:
        """Give the condition for a group (all records, where no dimension is given), and of one measure of it.

        `beyond` names a dimension and values that its records do not have.
        """
        found = [self.base, *(self.dimensions[name](value) for name, value in (values or {}).items())]
        if beyond is not None:
            found.append(self._beyond(*beyond))
        if measure is not None:
            found.append(self.measures[measure])
        return joined(found)

    def _beyond(self, name: str, shown: Sequence[Any]) -> str | None:
        others = [self.dimensions[name](value) for value in shown]
        given = [other for other in others if other is not None]
        if len(given) < len(others):
            return None
        return f"not ({' or '.join(given)})" if given else EVERYTHING


def joined(conditions: Iterable[str | None]) -> str | None:
    """Give the condition that all hold; None where one cannot be said."""
    found = list(conditions)
    if any(each is None for each in found):
        return None
    said = [each for each in found if each]
    return said[0] if len(said) == 1 else " and ".join(f"({each})" for each in said)


def of_report(
    ctx: Context,
    report: Report,
    measures: Sequence[Measure],
    *,
    where: str | None,
    parameters: Parameters = NONE,
) -> Drill | None:
    """Say how to drill into a report that found what fulfils `where`; None where its records have no list."""
    model = ctx.catalog.object(report.object)
    if model.nature == "child":
        return None
    return Drill(
        object=model.name,
        base=condition(ctx, model, where, parameters),
        dimensions={each.name: _of_value(ctx, model, each) for each in report.dimensions},
        measures={each.name: _of_measure(ctx, model, each, parameters) for each in measures},
    )


def condition(ctx: Context, model: ObjectModel, text: str | None, parameters: Parameters = NONE) -> str | None:
    """Write a condition of a report as it is now: what was chosen and what day it is stand in it as values."""
    if text is None:
        return EVERYTHING
    try:
        node = fold(gate.condition(ctx, model.name, text, parameters), ctx.instance_setting())
        if isinstance(node, Literal) and node.value is True:
            return EVERYTHING
        written = write(node)
        check(parse(written), ReadableScope(ctx), model.name, expect=BOOLEAN)
    except (ExpressionError, Unwritable):
        return None
    return written


def _of_measure(ctx: Context, model: ObjectModel, measure: Measure, parameters: Parameters) -> str | None:
    held = condition(ctx, model, measure.where, parameters)
    if measure.function != "count" or measure.of is None:
        return held
    # A count of something counts the records that have it.
    return joined([held, condition(ctx, model, f"({measure.of}) is not null")])


def _of_value(ctx: Context, model: ObjectModel, dimension: Dimension) -> Callable[[Any], str | None]:
    try:
        node = fold(check(parse(dimension.by), ReadableScope(ctx), model.name), ctx.instance_setting())
        text = write(node)
    except (ExpressionError, Unwritable):
        return lambda value: None
    return _saying(ctx, dimension, node, text)


def _saying(ctx: Context, dimension: Dimension, node: Node, text: str) -> Callable[[Any], str | None]:
    bracketed = f"({text})" if " " in text else text

    def say(value: Any) -> str | None:
        if value is None:
            return f"{bracketed} is null"
        if node.type.sort == "boolean":
            if value:
                return text
            return f"not {bracketed}" if never_blank(node) else f"not {bracketed} and {bracketed} is not null"
        if dimension.grain is not None:
            return _within(ctx, bracketed, value, dimension.grain, is_moment=node.type.sort == "moment")
        if not isinstance(value, _SAID):
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            value = decimal.Decimal(value)
        return f"{bracketed} == {literal(value)}"

    return say


def _within(ctx: Context, text: str, first: dt.date, grain: str, *, is_moment: bool) -> str | None:
    try:
        start, end = (_bound(ctx, day, is_moment=is_moment) for day in (first, after(first, grain)))
    except Overflow:
        return None
    return f"{text} >= {start} and {text} < {end}"


def _bound(ctx: Context, day: dt.date, *, is_moment: bool) -> str:
    return literal(start_of_day(day, ctx.zone) if is_moment else day)


def after(first: dt.date, grain: str) -> dt.date:
    """Give the first day of the next period, or raise `Overflow` at the end of time."""
    try:
        match grain:
            case "day":
                return first + dt.timedelta(days=1)
            case "week":
                return first + dt.timedelta(weeks=1)
            case _:
                months = {"month": 1, "quarter": 3, "year": 12}[grain]
                month = first.month - 1 + months
                return dt.date(first.year + month // 12, month % 12 + 1, 1)
    except (ValueError, OverflowError):
        raise Overflow("The date is outside the years 1 to 9999.") from None
