"""a report's definition asked of the gate: grouped, measured, totalled, in order"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from dougong.access.grants import roles_of
from dougong.base.errors import BadRequest, DougongError, NotAllowed
from dougong.base.sql_types import EXACT
from dougong.base.text import Message
from dougong.catalog.model import Catalog, ObjectModel, Report
from dougong.context import Context
from dougong.definitions.kinds.report import Measure
from dougong.expressions.check import check
from dougong.expressions.errors import ExpressionError
from dougong.expressions.parameters import NONE, Parameters
from dougong.expressions.parse import parse
from dougong.expressions.tree import Node
from dougong.features.reports import columns, drill
from dougong.features.reports.columns import Told
from dougong.features.reports.drill import Drill
from dougong.records import aggregate as gate
from dougong.records import options
from dougong.records import service as records
from dougong.records.read import MOST_PREPARED, ReadableScope, unreadable

MOST_GROUPS = 10_000


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
    drill: Drill | None = None
    where: str | None = None
    """All of the condition that was asked."""


def ask(ctx: Context, report: Report, *, where: str | None = None, parameters: Parameters = NONE) -> Answer:
    """Ask the gate for what a report shows, and for its totals; `where` narrows it further."""
    model = ctx.catalog.object(report.object)
    if not readable(ctx, report):
        raise _hidden(report)
    groups = tuple(columns.of_dimension(ctx, model, each, _node(ctx, model, each.by)) for each in report.dimensions)
    measures, hidden = _measures(ctx, report, model)
    narrowed = _condition(ctx, report, model, where)
    asked = [_measured(each) for each in measures]
    sort = _sort(report, [each.name for each in measures])
    # A matrix has a cell for each group, so the limit of its rows would cut it in the middle.
    limit = MOST_GROUPS if report.columns else report.limit
    found = records.aggregate(
        ctx,
        report.object,
        groups=[gate.Group(each.name, each.by, each.grain) for each in report.dimensions],
        measures=asked,
        where=narrowed,
        sort=sort,
        limit=limit + 1,
        parameters=parameters,
    )
    told = (*groups, *(_told(ctx, model, each) for each in measures))
    rows = [tuple(each.exact(row[each.column.name]) for each in told) for row in found[:limit]]
    shows = tuple(columns.shower(ctx, each, (row[position] for row in rows)) for position, each in enumerate(told))
    more = len(found) > limit
    if not more:
        # The whole answer is here, so it can stand in the order that people expect of options and titles.
        rows = _ordered(rows, told, shows, sort)
    totals = None
    if groups and not more and all(map(_adds_up, told[len(groups) :])):
        totals = tuple(_added_up(each, found) for each in told)
    elif groups:
        # An average or a distinct count of groups cannot be added up, so all rows are measured at once.
        (whole,) = records.aggregate(ctx, report.object, measures=asked, where=narrowed, limit=1, parameters=parameters)
        totals = tuple(_whole(each, whole) for each in told)
    ways = drill.of_report(ctx, report, measures, where=narrowed, parameters=parameters)
    return Answer(told, shows, tuple(rows), totals, more, hidden, ways, narrowed)


def grouped(
    ctx: Context,
    report: Report,
    dimensions: Sequence[str],
    measures: Sequence[str],
    *,
    where: str | None,
    parameters: Parameters,
) -> list[dict[str, Any]]:
    """Ask for some measures of a report by some of its dimensions; `where` is all of the condition."""
    by = [each for name in dimensions for each in report.dimensions if each.name == name]
    asked = [_measured(each) for each in report.measures if each.name in measures]
    return records.aggregate(
        ctx,
        report.object,
        groups=[gate.Group(each.name, each.by, each.grain) for each in by],
        measures=asked,
        where=where,
        limit=MOST_GROUPS,
        parameters=parameters,
    )


@dataclass(frozen=True)
class Whole:
    """One measure over all that a report finds."""

    told: Told
    show: Callable[[Any], str]
    values: tuple[Any, ...]
    """One for each part that was asked for."""


def whole(
    ctx: Context,
    report: Report,
    measure: Measure,
    *,
    within: Sequence[str | None] = (None,),
    parameters: Parameters = NONE,
) -> Whole:
    """Ask for one measure over all that a report finds, once for each further condition, in one statement."""
    model = ctx.catalog.object(report.object)
    asked = [
        gate.Measured(f"m{at}", measure.function, measure.of, _both(measure.where, held))
        for at, held in enumerate(within)
    ]
    (found,) = records.aggregate(ctx, report.object, measures=asked, where=report.where, limit=1, parameters=parameters)
    told = _told(ctx, model, measure)
    values = tuple(told.exact(found[each.name]) for each in asked)
    return Whole(told, columns.shower(ctx, told, values), values)


def _both(one: str | None, other: str | None) -> str | None:
    return f"({one}) and ({other})" if one and other else one or other


def measures_seen(ctx: Context, report: Report) -> dict[str, Measure]:
    """Give the measures of a report whose expressions read only what the actor may, by name."""
    seen, _ = _measures(ctx, report, ctx.catalog.object(report.object))
    return {each.name: each for each in seen}


def readable(ctx: Context, report: Report) -> bool:
    """Whether the actor may read all that a report hangs on, and at least one of its measures."""
    model = ctx.catalog.object(report.object)
    if not all(reads(ctx, model, each.by) for each in report.dimensions):
        return False
    if report.where is not None and not _holds(ctx, report, model, report.where):
        return False
    return any(_is_seen(ctx, report, model, each) for each in report.measures)


def _is_seen(ctx: Context, report: Report, model: ObjectModel, measure: Measure) -> bool:
    return (measure.of is None or reads(ctx, model, measure.of)) and (
        measure.where is None or _holds(ctx, report, model, measure.where)
    )


def _measures(ctx: Context, report: Report, model: ObjectModel) -> tuple[list[Measure], tuple[str, ...]]:
    """Give the measures whose expressions read only what the reader may, and the names of the others."""
    seen = [each for each in report.measures if _is_seen(ctx, report, model, each)]
    return seen, tuple(each.name for each in report.measures if each not in seen)


def _told(ctx: Context, model: ObjectModel, measure: Measure) -> Told:
    node = _node(ctx, model, measure.of) if measure.of is not None else None
    return columns.of_measure(ctx, model, measure, node)


def _measured(measure: Measure) -> gate.Measured:
    return gate.Measured(measure.name, measure.function, measure.of, measure.where)


def _node(ctx: Context, model: ObjectModel, text: str) -> Node:
    node = _read(ctx, model, text, NONE)
    if node is None:
        raise BadRequest(Message("The report cannot be read.", code="report_hidden"))
    return node


def reads(ctx: Context, model: ObjectModel, text: str) -> bool:
    """Whether an expression names only fields that the actor may read."""
    return _read(ctx, model, text, NONE) is not None


def _holds(ctx: Context, report: Report, model: ObjectModel, text: str) -> bool:
    """The same for a condition, which may name the report's parameters too."""
    return _read(ctx, model, text, named(ctx, report)) is not None


def _read(ctx: Context, model: ObjectModel, text: str, beside: Parameters) -> Node | None:
    """Read an expression of a definition once for all who may read the same fields; None where they may not."""
    kept: dict[Hashable, Node | None] = ctx.catalog.memo(_readings)
    key = (roles_of(ctx.actor), model.name, text, beside)
    if key not in kept:
        if len(kept) >= MOST_PREPARED:
            kept.clear()
        scope = ReadableScope(ctx)
        try:
            node = check(parse(text), beside.beside(scope, model.name), model.name)
            kept[key] = beside.put_into(node, scope, model.name)
        except ExpressionError:
            kept[key] = None
    return kept[key]


def _readings(catalog: Catalog) -> dict[Hashable, Node | None]:
    return {}


def named(ctx: Context, report: Report) -> Parameters:
    """Give the names and types of a report's parameters, all of them blank."""
    return ctx.catalog.memo(_named, report.name)


def _named(catalog: Catalog, name: str) -> Parameters:
    return catalog.get(Report, name).named()


def _hidden(report: Report) -> NotAllowed:
    said = "The report {report} needs fields that you may not read. Ask an administrator for them."
    return NotAllowed(Message(said, code="report_hidden", report=report.shown_label()))


def _condition(ctx: Context, report: Report, model: ObjectModel, where: str | None) -> str | None:
    if where is None:
        return report.where
    try:
        options.hold(ctx, model, gate.condition(ctx, model.name, where, named(ctx, report)))
    except DougongError as wrong:
        raise unreadable(wrong) from wrong
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


def _adds_up(told: Told) -> bool:
    """Whether the measure of all rows follows from those of their groups."""
    if told.function in ("min", "max"):
        # Texts have an order of their own in each database.
        return told.column.sort in ("number", "date", "moment")
    return told.function in ("count", "sum")


def _added_up(told: Told, found: Sequence[Mapping[str, Any]]) -> Any:
    """Put the measures of all groups together, before anything is rounded; of nothing as the database would say."""
    if told.column.role != "measure":
        return None
    values = [row[told.column.name] for row in found]
    given = [value for value in values if value is not None]
    if told.function == "count":
        return told.exact(sum(given))
    if not given:
        return None
    match told.function:
        case "min":
            return told.exact(min(given))
        case "max":
            return told.exact(max(given))
        case _:
            return told.exact(reduce(EXACT.add, given))
