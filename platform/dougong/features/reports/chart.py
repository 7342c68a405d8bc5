"""what the chart of a report draws, as plain data"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable, Sequence
from typing import Any

from dougong.context import Context
from dougong.definitions.kinds.report import Chart
from dougong.features.reports.aggregate import Answer
from dougong.features.reports.columns import Told, period

_MOST_FILLED = 500
_NOTHING = ("count", "count_distinct", "sum")
"""Functions that are 0 where there is no record."""


def draw(ctx: Context, chart: Chart, answer: Answer, *, label: str) -> dict[str, Any] | None:
    """Give the categories and series of a chart; None where there is no dimension to draw along."""
    dimensions = [position for position, each in enumerate(answer.told) if each.column.role == "dimension"]
    if not dimensions:
        return None
    along = next((at for at in dimensions if answer.told[at].column.name == chart.dimension), dimensions[0])
    others = [at for at in dimensions if at != along]
    measures = [at for at, each in enumerate(answer.told) if each.column.role == "measure"]
    named = [at for at in measures if answer.told[at].column.name in chart.measures]
    values = _along(answer, along, fill=chart.type in ("line", "bar"))  # a closed set
    show = _shower(ctx, answer, along)
    drawn: dict[str, Any] = {
        "type": chart.type,
        "title": label,
        "categories": [show(value) for value in values],
        "series": [],
    }
    colours = [answer.told[along].colour(value) for value in values]
    if any(colours):
        drawn["colours"] = colours
    if others:
        drawn["series"] = _pivoted(answer, along, others[0], (named or measures)[0], values)
    else:
        drawn["series"] = [_series(ctx, answer, along, at, values) for at in named or measures]
    return drawn


def _shower(ctx: Context, answer: Answer, along: int) -> Callable[[Any], str]:
    column = answer.told[along].column
    if column.grain is None:
        return answer.shows[along]
    grain, blank = column.grain, answer.shows[along](None)
    return lambda first: blank if first is None else period(first, grain, ctx.locale)


def _along(answer: Answer, along: int, *, fill: bool) -> list[Any]:
    """Give the values along the chart, in order; of periods also those in which nothing was."""
    values = list(dict.fromkeys(row[along] for row in answer.rows))
    grain = answer.told[along].column.grain
    dated = [value for value in values if value is not None]
    if grain is None or not fill or not dated:
        return values
    filled = [min(dated)]
    while filled[-1] < max(dated) and len(filled) < _MOST_FILLED:
        filled.append(after(filled[-1], grain))
    return filled


def after(first: dt.date, grain: str) -> dt.date:
    """Give the first day of the next period."""
    match grain:
        case "day":
            return first + dt.timedelta(days=1)
        case "week":
            return first + dt.timedelta(weeks=1)
        case _:
            months = {"month": 1, "quarter": 3, "year": 12}[grain]
            month = first.month - 1 + months
            return dt.date(first.year + month // 12, month % 12 + 1, 1)


def _series(ctx: Context, answer: Answer, along: int, measure: int, values: Sequence[Any]) -> dict[str, Any]:
    told = answer.told[measure]
    found = {row[along]: row[measure] for row in answer.rows}
    data = [_number(told, found.get(value)) for value in values]
    return {"name": told.column.label.show(ctx.locale), "data": data}


def _pivoted(answer: Answer, along: int, across: int, measure: int, values: Sequence[Any]) -> list[dict[str, Any]]:
    found = {(row[along], row[across]): row[measure] for row in answer.rows}
    each_across = list(dict.fromkeys(row[across] for row in answer.rows))
    return [
        {
            "name": answer.shows[across](other),
            "data": [_number(answer.told[measure], found.get((value, other))) for value in values],
        }
        for other in each_across
    ]


def _number(told: Told, value: Any) -> float | int | None:
    """Give a number as a browser draws it; the exact one stands in the table."""
    if value is None:
        return 0 if told.function in _NOTHING else None
    if isinstance(value, decimal.Decimal):
        return float(value)
    return value if isinstance(value, (int, float)) else None
