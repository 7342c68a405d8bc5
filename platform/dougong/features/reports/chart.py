"""what the chart of a report draws, as plain data"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from dougong.base.sql_types import EXACT
from dougong.base.text import Message
from dougong.context import Context
from dougong.definitions.kinds.report import Chart
from dougong.expressions.errors import Overflow
from dougong.features.reports.aggregate import Answer
from dougong.features.reports.columns import Told, period
from dougong.features.reports.drill import after

OTHERS = Message("Others")
_MOST_FILLED = 500
_MOST_DRAWN = {"pie": 8, "bar": 15}
"""How many categories are drawn where nothing is said; the others are put together."""
_NOTHING = ("count", "count_distinct", "sum")
"""Functions that are 0 where there is no record."""
_ADDS_UP = ("count", "sum")


def draw(ctx: Context, chart: Chart, answer: Answer, *, label: str) -> dict[str, Any] | None:
    """Give the categories and series of a chart; None where there is no dimension to draw along.

    Each series has its numbers under `data`, and under `where` the conditions for the records behind them.
    """
    drawing = _drawing(ctx, chart, answer)
    if drawing is None:
        return None
    drawn: dict[str, Any] = {"type": chart.type, "title": label, **drawing.categories()}
    if chart.stacked:
        drawn["stacked"] = True
    if all(answer.told[at].is_amount() for at in drawing.measures):
        drawn["currency"] = ctx.base_currency
    drawn["series"] = drawing.series()
    return drawn


def _drawing(ctx: Context, chart: Chart, answer: Answer) -> _Drawing | None:
    dimensions = [position for position, each in enumerate(answer.told) if each.column.role == "dimension"]
    measures = [at for at, each in enumerate(answer.told) if each.column.role == "measure"]
    if not dimensions or not measures or chart.type == "number":  # a closed set
        return None
    along = next((at for at in dimensions if answer.told[at].column.name == chart.dimension), dimensions[0])
    others = [at for at in dimensions if at != along]
    named = [at for at in measures if answer.told[at].column.name in chart.measures] or measures
    if others:
        named = named[:1]
    if len(others) > 1 and not all(answer.told[at].function in _ADDS_UP for at in named):
        return None
    return _Drawing(ctx, chart, answer, along, others[0] if others else None, tuple(named))


@dataclass(frozen=True)
class _Drawing:
    """One chart: along which column it goes, what makes its series, and what is measured."""

    ctx: Context
    chart: Chart
    answer: Answer
    along: int
    across: int | None
    measures: tuple[int, ...]

    def categories(self) -> dict[str, Any]:
        """Give the names of what stands along the chart, and their colours where they have any."""
        values, is_cut = self.cut()
        show = self.shower()
        told = self.answer.told[self.along]
        names = [show(value) for value in values]
        dated = {"dated": True} if told.column.grain else {}
        found: dict[str, Any] = {**dated, "categories": [*names, OTHERS.show(self.ctx.locale)] if is_cut else names}
        colours = [told.colour(value) for value in values]
        if any(colours):
            found["colours"] = [*colours, None] if is_cut else colours
        return found

    def shower(self) -> Callable[[Any], str]:
        column = self.answer.told[self.along].column
        if column.grain is None:
            return self.answer.shows[self.along]
        grain, blank = column.grain, self.answer.shows[self.along](None)
        return lambda first: blank if first is None else period(first, grain, self.ctx.locale)

    def values(self) -> list[Any]:
        """Give the values along the chart, in order; of periods also those in which nothing was."""
        values = list(dict.fromkeys(row[self.along] for row in self.answer.rows))
        grain = self.answer.told[self.along].column.grain
        dated = [value for value in values if value is not None]
        if grain is None or self.chart.type not in ("line", "bar") or not dated:  # a closed set
            return values
        # What has no date at all stands in front, and is not hidden by the filling.
        filled = [None] if None in values else []
        first, last = min(dated), max(dated)
        while len(filled) < _MOST_FILLED:
            filled.append(first)
            if first >= last:
                break
            try:
                first = after(first, grain)
            except Overflow:
                break
        return filled

    def cut(self) -> tuple[list[Any], bool]:
        """Give the values that are drawn, and whether others are put together behind them."""
        values = self.values()
        told = self.answer.told[self.along]
        most = self.chart.limit or _MOST_DRAWN.get(self.chart.type, len(values))
        adds_up = all(self.answer.told[at].function in _ADDS_UP for at in self.measures)
        may_join = self.chart.type in _MOST_DRAWN and told.column.grain is None and adds_up
        is_more = self.answer.more and self.across is None and self.answer.totals is not None
        if not may_join or (len(values) <= most and not is_more):
            return values, False
        first = self.measures[0]
        sizes: dict[Any, decimal.Decimal] = {}
        for row in self.answer.rows:
            sizes[row[self.along]] = sizes.get(row[self.along], decimal.Decimal(0)) + decimal.Decimal(row[first] or 0)
        largest = set(sorted(values, key=lambda value: -sizes[value])[: most - 1 if len(values) >= most else most])
        return [value for value in values if value in largest], True

    def series(self) -> list[dict[str, Any]]:
        """Give what is drawn, with the conditions for the records behind it."""
        if self.across is None:
            return [self.one(at, self.answer.told[at].column.label.show(self.ctx.locale)) for at in self.measures]
        across = list(dict.fromkeys(row[self.across] for row in self.answer.rows))
        show = self.answer.shows[self.across]
        return [self.one(self.measures[0], show(value), (value,)) for value in across]

    def one(self, measure: int, name: str, of: tuple[Any, ...] = ()) -> dict[str, Any]:
        """Give one series: of a measure, or of a measure for one value of the dimension across."""
        told = self.answer.told[measure]
        values, is_cut = self.cut()
        found: dict[Any, list[Any]] = {}
        for row in self.answer.rows:
            if not of or row[self.across or 0] == of[0]:
                found.setdefault(row[self.along], []).append(row[measure])
        data = [_number(told, _together(found.get(value, ()))) for value in values]
        where = [self.where(measure, value, of) if value in found else None for value in values]
        if is_cut:
            rest = self.rest(measure, values, of)
            data.append(_number(told, rest))
            where.append(self.where_others(measure, values, of))
        return {"name": name, "data": data, "where": where}

    def rest(self, measure: int, values: Sequence[Any], of: tuple[Any, ...]) -> Any:
        shown = set(values)
        rows = [row for row in self.answer.rows if not of or row[self.across or 0] == of[0]]
        if self.answer.more and self.answer.totals is not None:
            inside = _together([row[measure] for row in rows if row[self.along] in shown])
            whole = self.answer.totals[measure]
            return None if whole is None else EXACT.subtract(decimal.Decimal(whole), decimal.Decimal(inside or 0))
        return _together([row[measure] for row in rows if row[self.along] not in shown])

    def where(self, measure: int, value: Any, of: tuple[Any, ...]) -> str | None:
        drill, told = self.answer.drill, self.answer.told
        if drill is None:
            return None
        given = {told[self.along].column.name: value}
        if of:
            given[told[self.across or 0].column.name] = of[0]
        return drill.where(given, told[measure].column.name)

    def where_others(self, measure: int, values: Sequence[Any], of: tuple[Any, ...]) -> str | None:
        drill, told = self.answer.drill, self.answer.told
        if drill is None:
            return None
        given = {told[self.across or 0].column.name: of[0]} if of else {}
        return drill.where(given, told[measure].column.name, beyond=(told[self.along].column.name, values))


def _together(values: Sequence[Any]) -> Any:
    """Put the numbers of groups together; of one group it is its own, of none it is blank."""
    given = [value for value in values if value is not None]
    if len(given) < 2:
        return given[0] if given else None
    return reduce(EXACT.add, (decimal.Decimal(value) for value in given))


def _number(told: Told, value: Any) -> float | int | None:
    """Give a number as a browser draws it; the exact one stands in the table."""
    if value is None:
        return 0 if told.function in _NOTHING else None
    if isinstance(value, decimal.Decimal):
        return int(value) if told.function in ("count", "count_distinct") else float(value)
    return value if isinstance(value, (int, float)) else None
