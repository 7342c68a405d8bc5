"""records side by side in lanes, one for each option of a choice: how many there are, and the first of each"""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from dougong.access import scope
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.records import paging, read, search
from dougong.records.aggregate import Group, Measured, aggregate
from dougong.records.paging import Listing
from dougong.records.query import Query, Record
from dougong.records.read import Part, Prepared, prepared
from dougong.records.source import Source, asked_by, rights


@dataclass(frozen=True)
class Lane:
    """The records that have one option."""

    value: str | None
    """The option; None for those that have none."""
    count: int
    """How many there are in all."""
    total: decimal.Decimal | None = None
    """The sum that was asked for; None where none was, or where nothing is to be summed."""
    records: list[Record] = field(default_factory=list)
    """The first of them in their order."""


def lanes(
    ctx: Context,
    object_name: str,
    query: Query,
    *,
    by: str,
    sum_of: str | None = None,
    limits: Mapping[str, int] | None = None,
) -> tuple[Lane, ...]:
    """Give the records that a query asks for in lanes by a choice, in two statements however many lanes there are.

    `query.limit` is how many records of a lane are given; `limits` says where it is another, by option (`""`: blank).
    Only lanes with records are given, in no particular order.
    """
    model = ctx.catalog.object(object_name)
    read.must_read(ctx, model)
    by = read.resolve(ctx, model, by)
    measures = [Measured("count", "count"), *([Measured("total", "sum", of=sum_of)] if sum_of else [])]
    counted = aggregate(
        ctx, object_name, groups=[Group("lane", by)], measures=measures, where=query.where, q=query.q, as_listed=True
    )
    found: dict[str | None, list[Record]] = {}
    for record in _first(ctx, model, query, by, limits or {}) if counted else ():
        found.setdefault(record.values[by], []).append(record)
    return tuple(Lane(row["lane"], row["count"], row.get("total"), found.get(row["lane"], [])) for row in counted)


def _first(ctx: Context, model: ObjectModel, query: Query, by: str, limits: Mapping[str, int]) -> Sequence[Record]:
    asked = tuple(dict.fromkeys((*(query.fields or ()), by)))
    names, labels = read.asked_names(ctx, model, asked)
    order = paging.order_of(ctx, model, query.sort)
    node = read.condition(ctx, model, query.where) if query.where else None
    flags = tuple(read.condition(ctx, model, text) for text in query.flags)
    tokens = search.tokens_of(query.q) if query.q else ()
    rules = scope.rules(ctx, model, "read")
    listing = Listing(ctx, model, names, rules, order, node, len(tokens), None, None, flags=flags)
    others = tuple(sorted(limits.items()))
    whose = read.reading_rights(ctx, (*names, *(step.path for step in order), "." if node is not None or flags else ""))
    asked_for = (by, names, order, query.where, query.flags, len(tokens), query.limit, others)
    ready = prepared(
        ctx, ("lanes", model.name, rules, asked_for, whose), lambda: _statement(listing, by, query.limit, others)
    )
    values = {f"token_{at}": search.pattern(token) for at, token in enumerate(tokens)}
    rows = read.execute(ctx, ready, values).all()
    records = [paging.record_of(model, ready.parts, row, labels, asked) for row in rows]
    paging.tell_flags(records, ready.parts, rows, len(flags))
    read.attach(ctx, model, records, asked)
    return records


def _statement(listing: Listing, by: str, limit: int, others: tuple[tuple[str, int], ...]) -> Prepared:
    """Number the records of each lane in their order, and take the first of each."""
    ctx, model, marks = listing.ctx, listing.model, listing.marks()
    inner = Source(ctx, model, marks=marks)
    keys = listing.keys(inner)
    lane = inner.column((by,))
    place = sa.func.row_number().over(partition_by=lane, order_by=listing.ways(keys))
    conditions = listing.conditions(inner, scope.EVERY_ROW, keys)
    allowed = rights(ctx, inner, "read")
    numbered = sa.select(inner.table.c.id.label("id"), lane.label("lane"), place.label("place"))
    numbered = numbered.where(*conditions, *([] if allowed is None else [allowed]))
    chosen = numbered.select_from(inner.joined()).subquery("numbered")
    source = Source(ctx, model, marks=marks)
    columns, parts = read.select_parts(source, listing.names)
    columns += paging.flag_columns(ctx, source, listing.flags)
    statement = sa.select(*columns).select_from(source.joined().join(chosen, chosen.c.id == source.table.c.id))
    statement = statement.where(chosen.c.place <= _most(chosen, limit, others)).order_by(chosen.c.place)
    return _ready(statement, parts, marks)


def _ready(statement: sa.Select[tuple[object, ...]], parts: tuple[Part, ...], marks: set[str]) -> Prepared:
    return Prepared(statement, parts, asked_by(statement), kept=not marks)


def _most(chosen: sa.FromClause, limit: int, others: tuple[tuple[str, int], ...]) -> sa.ColumnElement[int]:
    usual = sa.literal_column(str(limit), sa.Integer)
    cases = [
        (
            chosen.c.lane == value if value else chosen.c.lane.is_(None),
            sa.literal_column(str(int(most)), sa.Integer),
        )
        for value, most in others
    ]
    return sa.case(*cases, else_=usual) if cases else usual
