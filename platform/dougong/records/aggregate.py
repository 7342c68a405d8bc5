"""records grouped and measured by the database, under the rights of who asks"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from dougong.access import scope
from dougong.base.errors import BadRequest
from dougong.base.sql_types import ExactDecimal
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.expressions import to_sql
from dougong.expressions.check import check, is_volatile
from dougong.expressions.parameters import NONE, Parameters
from dougong.expressions.parse import parse
from dougong.expressions.tree import Node
from dougong.expressions.types import BOOLEAN
from dougong.records import read, search
from dougong.records.read import Prepared, ReadableScope, execute, must_read, prepared
from dougong.records.source import Source, asked_by, rights

Grain = Literal["day", "week", "month", "quarter", "year"]
Function = Literal["count", "count_distinct", "sum", "avg", "min", "max"]


@dataclass(frozen=True)
class Group:
    """What rows are grouped by: an expression, for dates with a grain."""

    name: str
    by: str
    grain: Grain | None = None


@dataclass(frozen=True)
class Measured:
    """What is computed for each group; `of` may be left out for a count."""

    name: str
    function: Function
    of: str | None = None
    where: str | None = None


def aggregate(
    ctx: Context,
    object_name: str,
    *,
    groups: Sequence[Group] = (),
    measures: Sequence[Measured],
    where: str | None = None,
    sort: Sequence[str] = (),
    limit: int = 1000,
    parameters: Parameters = NONE,
    q: str | None = None,
    as_listed: bool = False,
) -> list[dict[str, Any]]:
    """Group and measure the records the actor may read; one dict of Python values for each group.

    A name under `sort` is a group's or a measure's; `-` for descending. A date with a grain gives the first day of its
    day, week (Monday), month, quarter or year. Moments are grouped by their date in the instance's zone.
    Conditions may name `parameters`. `q` are words to find; `as_listed` says that these are the records of a list, so
    that its conditions are read as lists read them: `today()` is the asker's, and what is wrong is a `BadRequest`.
    """
    model = ctx.catalog.object(object_name)
    must_read(ctx, model)
    tokens = search.tokens_of(q) if q else ()
    asked = (tuple(groups), tuple(measures), where, tuple(sort), limit, parameters, len(tokens), as_listed)
    # A statement hangs on the rights on what its paths lead to, too.
    whose = (scope.rules(ctx, model, "read"), ctx.actor.roles, ctx.actor.is_system, ctx.actor.token_scope)
    key = ("aggregate", object_name, asked, whose, ctx.zone)
    ready = prepared(ctx, key, lambda: _statement(ctx, model, *asked))
    names = [group.name for group in groups] + [measure.name for measure in measures]
    values = {f"token_{at}": search.pattern(token) for at, token in enumerate(tokens)}
    return [dict(zip(names, row, strict=True)) for row in execute(ctx, ready, values).all()]


def condition(ctx: Context, object_name: str, text: str, parameters: Parameters = NONE) -> Node:
    """Read a condition over what the actor may read, its parameters put in, or raise `ExpressionError`."""
    readable = ReadableScope(ctx)
    beside = parameters.beside(readable, object_name)
    return parameters.put_into(check(parse(text), beside, object_name, expect=BOOLEAN), readable, object_name)


def _statement(
    ctx: Context,
    model: ObjectModel,
    groups: tuple[Group, ...],
    measures: tuple[Measured, ...],
    where: str | None,
    sort: tuple[str, ...],
    limit: int,
    parameters: Parameters,
    tokens: int,
    as_listed: bool,  # noqa: FBT001 -- one of what was asked, all of it by position
) -> Prepared:
    asking = _Asking(ctx, model, parameters, as_listed=as_listed)
    by = {group.name: asking.group(group) for group in groups}
    measured = {measure.name: asking.measure(measure) for measure in measures}
    conditions = [asking.condition(where)] if where else []
    conditions += search.conditions(asking.source, tokens)
    allowed = rights(ctx, asking.source, "read")
    if allowed is not None:
        conditions.append(allowed)
    labelled = {name: column.label(f"c{at}") for at, (name, column) in enumerate({**by, **measured}.items())}
    statement = sa.select(*labelled.values()).select_from(asking.source.joined()).where(*conditions)
    if by:
        statement = statement.group_by(*by.values())
    statement = statement.order_by(*_order(labelled, sort or tuple(by))).limit(limit)
    # Values that a caller chose would fill the store with statements that nobody asks for again.
    kept = not asking.source.marks and not parameters
    return Prepared(statement, (), asked_by(statement), kept=kept)


def _order(columns: dict[str, Any], sort: Sequence[str]) -> list[Any]:
    found = []
    for text in sort:
        name = text.removeprefix("-")
        if name not in columns:
            raise BadRequest(Message("There is nothing called '{name}' to sort by.", code="unknown_sort", name=name))
        column: sa.ColumnClause[Any] = sa.literal_column(columns[name].name)
        found.append(column.desc().nulls_last() if text.startswith("-") else column.asc().nulls_first())
    return found


class _Asking:
    """One aggregation: its source, and expressions over what the actor may read."""

    def __init__(self, ctx: Context, model: ObjectModel, parameters: Parameters, *, as_listed: bool = False) -> None:
        self.ctx = ctx
        self.model = model
        self.parameters = parameters
        self.as_listed = as_listed
        self.setting = ctx.setting() if as_listed else ctx.instance_setting()
        self.source = Source(ctx, model)

    def node(self, text: str) -> Node:
        return self.noted(check(parse(text), ReadableScope(self.ctx), self.model.name))

    def noted(self, node: Node) -> Node:
        if is_volatile(node):
            self.source.marks.add("expression")
        return node

    def sql(self, node: Node) -> Any:
        return to_sql.to_sql(node, self.source, self.setting, self.ctx.dialect)

    def condition(self, text: str) -> Any:
        if self.as_listed:
            node = self.noted(read.condition(self.ctx, self.model, text))
        else:
            node = self.noted(condition(self.ctx, self.model.name, text, self.parameters))
        return to_sql.where(node, self.source, self.setting, self.ctx.dialect)

    def group(self, group: Group) -> Any:
        node = self.node(group.by)
        column = self.sql(node)
        if group.grain is None:
            return column
        return _truncated(self.ctx, column, group.grain, is_moment=node.type.sort == "moment")

    def measure(self, measure: Measured) -> Any:
        held = self.condition(measure.where) if measure.where else None
        if measure.of is None:
            return sa.func.count() if held is None else sa.func.count(sa.case((held, 1)))
        node = self.node(measure.of)
        column = self.sql(node)
        if held is not None:
            column = sa.case((held, column))
        return _function(self.ctx, measure.function, column, node)


def _function(ctx: Context, function: Function, column: Any, node: Node) -> Any:
    scale = node.type.scale if node.type.sort == "number" else 0
    match function:
        case "count":
            return sa.func.count(column)
        case "count_distinct":
            return sa.func.count(sa.distinct(column))
        case "min" | "max":
            return sa.type_coerce(getattr(sa.func, function)(column), column.type)
        case "avg":
            return _average(ctx, column, scale)
        case "sum":
            return _sum(ctx, column, scale)


def _sum(ctx: Context, column: Any, scale: int) -> Any:
    """Sum exactly. A sum of nothing is blank; beyond 64 bits SQLite raises an error instead of rounding."""
    return sa.type_coerce(sa.func.sum(column), ExactDecimal(scale, 36))


def _average(ctx: Context, column: Any, scale: int) -> Any:
    if ctx.dialect == "postgresql":
        return sa.type_coerce(sa.func.round(sa.func.avg(column), 6), ExactDecimal(6, 36))
    total = sa.type_coerce(sa.func.sum(column), sa.BigInteger)
    quotient = sa.func.dougong_divide(
        total, sa.literal_column(str(scale)), sa.func.count(column), sa.literal_column("0")
    )
    return sa.type_coerce(quotient, ExactDecimal(6, 36))


def _truncated(ctx: Context, column: Any, grain: Grain, *, is_moment: bool) -> Any:
    if ctx.dialect == "postgresql":
        local = sa.func.timezone(ctx.zone, column) if is_moment else column
        return sa.cast(sa.func.date_trunc(grain, local), sa.Date)
    local = sa.func.dougong_date_of(column, ctx.zone) if is_moment else column
    return sa.type_coerce(sa.func.date(local, *_STEPS_BACK[grain](local)), sa.Date)


# What SQLite's date() takes to go back to the first day of a grain.
_STEPS_BACK: Mapping[Grain, Callable[[Any], tuple[Any, ...]]] = {
    "day": lambda day: (),
    "week": lambda day: (sa.literal_column("'-6 days'"), sa.literal_column("'weekday 1'")),
    "month": lambda day: (sa.literal_column("'start of month'"),),
    "quarter": lambda day: (sa.literal_column("'start of month'"), _months_into_quarter(day)),
    "year": lambda day: (sa.literal_column("'start of year'"),),
}


def _months_into_quarter(day: Any) -> Any:
    month = sa.cast(sa.func.strftime(sa.literal_column("'%m'"), day), sa.Integer)
    return sa.literal_column("'-'").op("||")((month - 1) % 3).op("||")(sa.literal_column("' months'"))
