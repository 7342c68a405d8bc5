"""a report's definition asked of the gate: grouped, measured, totalled, in order"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dougong.base.errors import BadRequest, DougongError, NotAllowed
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel, Report
from dougong.context import Context
from dougong.definitions.kinds.report import Measure
from dougong.expressions.check import check
from dougong.expressions.errors import ExpressionError
from dougong.expressions.parse import parse
from dougong.expressions.tree import Node
from dougong.expressions.types import BOOLEAN
from dougong.features.reports import columns
from dougong.features.reports.columns import Told
from dougong.records import aggregate as gate
from dougong.records import service as records
from dougong.records.read import ReadableScope


@dataclass(frozen=True)
class Answer:
    """What the database said: the rows in order, and the totals over all of them."""

    told: tuple[Told, ...]
    """Dimensions first, then the measures that the reader may see."""
    shows: tuple[Callable[[Any], str], ...]
    rows: tuple[tuple[Any, ...], ...]
    totals: tuple[Any, ...] | None
    more: bool
    hidden: tuple[str, ...]


def ask(ctx: Context, report: Report, *, where: str | None = None) -> Answer:
    """Ask the gate for what a report shows, and for its totals; `where` narrows it further."""
    model = ctx.catalog.object(report.object)
    if not readable(ctx, report):
        raise _hidden(report)
    groups = tuple(columns.of_dimension(ctx, model, each, _node(ctx, model, each.by)) for each in report.dimensions)
    measures, hidden = _measures(ctx, report, model)
    narrowed = _condition(ctx, report, model, where)
    asked = [_measured(each) for each in measures]
    sort = _sort(report, [each.name for each in measures])
    found = records.aggregate(
        ctx,
        report.object,
        groups=[gate.Group(each.name, each.by, each.grain) for each in report.dimensions],
        measures=asked,
        where=narrowed,
        sort=sort,
        limit=report.limit + 1,
    )
    told = (*groups, *(_told(ctx, model, each) for each in measures))
    rows = [tuple(each.exact(row[each.column.name]) for each in told) for row in found[: report.limit]]
    shows = tuple(columns.shower(ctx, each, (row[position] for row in rows)) for position, each in enumerate(told))
    more = len(found) > report.limit
    if not more:
        # The whole answer is here, so it can stand in the order that people expect of options and titles.
        rows = _ordered(rows, told, shows, sort)
    totals = None
    if groups:
        # An average or a distinct count of groups cannot be added up, so all rows are measured at once.
        (whole,) = records.aggregate(ctx, report.object, measures=asked, where=narrowed, limit=1)
        totals = tuple(_whole(each, whole) for each in told)
    return Answer(told, shows, tuple(rows), totals, more, hidden)


def readable(ctx: Context, report: Report) -> bool:
    """Whether the actor may read all that a report hangs on, and at least one of its measures."""
    model = ctx.catalog.object(report.object)
    texts = [each.by for each in report.dimensions] + ([report.where] if report.where else [])
    return all(_reads(ctx, model, text) for text in texts) and any(
        _is_seen(ctx, model, each) for each in report.measures
    )


def _is_seen(ctx: Context, model: ObjectModel, measure: Measure) -> bool:
    return all(_reads(ctx, model, text) for text in (measure.of, measure.where) if text is not None)


def _measures(ctx: Context, report: Report, model: ObjectModel) -> tuple[list[Measure], tuple[str, ...]]:
    """Give the measures whose expressions read only what the reader may, and the names of the others."""
    seen = [each for each in report.measures if _is_seen(ctx, model, each)]
    return seen, tuple(each.name for each in report.measures if each not in seen)


def _told(ctx: Context, model: ObjectModel, measure: Measure) -> Told:
    node = _node(ctx, model, measure.of) if measure.of is not None else None
    return columns.of_measure(ctx, model, measure, node)


def _measured(measure: Measure) -> gate.Measured:
    return gate.Measured(measure.name, measure.function, measure.of, measure.where)


def _node(ctx: Context, model: ObjectModel, text: str) -> Node:
    return check(parse(text), ReadableScope(ctx), model.name)


def _reads(ctx: Context, model: ObjectModel, text: str) -> bool:
    """Whether an expression names only fields that the actor may read."""
    try:
        _node(ctx, model, text)
    except ExpressionError:
        return False
    return True


def _hidden(report: Report) -> NotAllowed:
    said = "The report {report} needs fields that you may not read. Ask an administrator for them."
    return NotAllowed(Message(said, code="report_hidden", report=report.shown_label()))


def _condition(ctx: Context, report: Report, model: ObjectModel, where: str | None) -> str | None:
    if where is None:
        return report.where
    try:
        check(parse(where), ReadableScope(ctx), model.name, expect=BOOLEAN)
    except DougongError as wrong:
        said = Message("The filter cannot be read: {reason}", code="filter", reason=wrong.message)
        raise BadRequest(said) from wrong
    return where if report.where is None else f"({report.where}) and ({where})"


def _sort(report: Report, measures: Sequence[str]) -> tuple[str, ...]:
    """Say in what order rows stand; a measure that is hidden sorts nothing, and dimensions decide between equals."""
    dimensions = [each.name for each in report.dimensions]
    asked = [each for each in report.sort if each.removeprefix("-") in {*measures, *dimensions}]
    named = {each.removeprefix("-") for each in asked}
    return (*asked, *(each for each in dimensions if each not in named))


def _ordered(
    rows: Sequence[tuple[Any, ...]],
    told: Sequence[Told],
    shows: Sequence[Callable[[Any], str]],
    sort: Sequence[str],
) -> list[tuple[Any, ...]]:
    at = {each.column.name: position for position, each in enumerate(told)}
    found = list(rows)
    for text in reversed(sort):
        position = at[text.removeprefix("-")]
        key = columns.order_key(told[position], shows[position])
        found.sort(key=_by(position, key), reverse=text.startswith("-"))
    return found


def _by(position: int, key: Callable[[Any], Any]) -> Callable[[tuple[Any, ...]], Any]:
    return lambda row: key(row[position])


def _whole(told: Told, whole: Mapping[str, Any]) -> Any:
    return told.exact(whole[told.column.name]) if told.column.role == "measure" else None
