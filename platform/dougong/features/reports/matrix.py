"""a report as a matrix: some dimensions down, others across, with totals on both sides"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from dougong.base.sql_types import EXACT
from dougong.catalog.model import Report
from dougong.context import Context
from dougong.expressions.parameters import Parameters
from dougong.features.reports import aggregate, columns
from dougong.features.reports.aggregate import Answer
from dougong.features.reports.columns import Told
from dougong.features.reports.dataset import Head, Line, Matrix

MOST_ACROSS = 60
"""How many columns a matrix has; those beyond are left out, and its totals are still over all."""
_ADDS_UP = ("count", "sum")

Key = tuple[Any, ...]
Numbers = tuple[Any, ...]


@dataclass(frozen=True)
class _Sides:
    """Where in a row of the answer the dimensions of each side and the measures stand."""

    down: tuple[int, ...]
    across: tuple[int, ...]
    measures: tuple[int, ...]


def pivot(ctx: Context, report: Report, answer: Answer, *, where: str | None, parameters: Parameters) -> Matrix:
    """Lay the groups of a report out; the totals of rows and columns are exact, whatever is measured."""
    sides = _sides(report, answer.told)
    told = [answer.told[at] for at in sides.measures]
    cells: dict[tuple[Key, Key], Numbers] = {}
    for row in answer.rows:
        key = (_pick(row, sides.down), _pick(row, sides.across))
        cells[key] = _pick(row, sides.measures)
    if answer.more or not all(each.function in _ADDS_UP for each in told):
        of_rows = _asked(ctx, report, sides.down, answer, told, where, parameters)
        of_columns = _asked(ctx, report, sides.across, answer, told, where, parameters)
    else:
        of_rows = _added(((down, numbers) for (down, _), numbers in cells.items()), told)
        of_columns = _added(((across, numbers) for (_, across), numbers in cells.items()), told)
    across = _ordered(of_columns, sides.across, answer)
    down = _sorted_rows(report, of_rows, sides, answer)
    shown = across[:MOST_ACROSS]
    blank: Numbers = (None,) * len(told)
    return Matrix(
        down=tuple(answer.told[at].column for at in sides.down),
        across=tuple(answer.told[at].column for at in sides.across),
        measures=tuple(each.column for each in told),
        heads=tuple(_head(answer, sides, key, of_columns[key]) for key in shown),
        lines=tuple(
            Line(
                values=key,
                shown=_words(answer, sides.down, key),
                cells=tuple(cells.get((key, other), blank) for other in shown),
                shown_cells=tuple(_texts(answer, sides, cells.get((key, other), blank)) for other in shown),
                totals=of_rows[key],
                shown_totals=_texts(answer, sides, of_rows[key]),
            )
            for key in down
        ),
        totals=_pick(answer.totals, sides.measures) if answer.totals else blank,
        shown_totals=_texts(answer, sides, _pick(answer.totals, sides.measures))
        if answer.totals
        else ("",) * len(told),
        more=len(across) > MOST_ACROSS,
    )


def _sides(report: Report, told: Sequence[Told]) -> _Sides:
    dimensions = [at for at, each in enumerate(told) if each.column.role == "dimension"]
    names = {told[at].column.name: at for at in dimensions}
    across = tuple(names[name] for name in report.columns)
    down = tuple(at for at in dimensions if at not in across)
    return _Sides(down, across, tuple(range(len(dimensions), len(told))))


def _pick(row: Sequence[Any], places: Sequence[int]) -> Key:
    return tuple(row[at] for at in places)


def _head(answer: Answer, sides: _Sides, key: Key, totals: Numbers) -> Head:
    return Head(key, _words(answer, sides.across, key), totals, _texts(answer, sides, totals))


def _words(answer: Answer, places: Sequence[int], key: Key) -> tuple[str, ...]:
    return tuple(answer.shows[at](value) for at, value in zip(places, key, strict=True))


def _texts(answer: Answer, sides: _Sides, numbers: Numbers) -> tuple[str, ...]:
    pairs = zip(sides.measures, numbers, strict=True)
    return tuple("" if value is None else answer.shows[at](value) for at, value in pairs)


def _added(cells: Any, told: Sequence[Told]) -> dict[Key, Numbers]:
    """Add the numbers of cells up; `told` are counts and sums."""
    found: dict[Key, list[Numbers]] = {}
    for key, numbers in cells:
        found.setdefault(key, []).append(numbers)
    return {
        key: tuple(_sum(each, [numbers[at] for numbers in several]) for at, each in enumerate(told))
        for key, several in found.items()
    }


def _sum(told: Told, values: Sequence[Any]) -> Any:
    given = [decimal.Decimal(value) for value in values if value is not None]
    return told.exact(reduce(EXACT.add, given)) if given else None


def _asked(
    ctx: Context,
    report: Report,
    places: Sequence[int],
    answer: Answer,
    told: Sequence[Told],
    where: str | None,
    parameters: Parameters,
) -> dict[Key, Numbers]:
    """Measure the rows, or the columns, as a whole: an average or a distinct count cannot be added up."""
    names = [answer.told[at].column.name for at in places]
    rows = aggregate.grouped(
        ctx, report, names, [each.column.name for each in told], where=where, parameters=parameters
    )
    return {
        tuple(row[name] for name in names): tuple(each.exact(row[each.column.name]) for each in told) for row in rows
    }


def _ordered(found: Mapping[Key, Numbers], places: Sequence[int], answer: Answer) -> list[Key]:
    keys = [columns.order_key(answer.told[at], answer.shows[at]) for at in places]
    return sorted(found, key=lambda values: tuple(key(value) for key, value in zip(keys, values, strict=True)))


def _sorted_rows(report: Report, found: Mapping[Key, Numbers], sides: _Sides, answer: Answer) -> list[Key]:
    """Give the rows in the order of the report: by their totals, where it sorts by a measure."""
    ordered = _ordered(found, sides.down, answer)
    measures = [answer.told[at].column.name for at in sides.measures]
    down = [answer.told[at].column.name for at in sides.down]
    for text in reversed(report.sort):
        name = text.removeprefix("-")
        key = _by_total(found, measures.index(name)) if name in measures else None
        if name in down:
            at = down.index(name)
            key = _by_value(at, columns.order_key(answer.told[sides.down[at]], answer.shows[sides.down[at]]))
        if key is not None:
            ordered.sort(key=key, reverse=text.startswith("-"))
    return ordered


def _by_total(found: Mapping[Key, Numbers], at: int) -> Callable[[Key], Any]:
    return lambda values: (found[values][at] is not None, found[values][at] or 0)


def _by_value(at: int, key: Callable[[Any], Any]) -> Callable[[Key], Any]:
    return lambda values: key(values[at])
