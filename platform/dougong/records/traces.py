"""what some changes did to the records of an object, and what was there before, so that it can be taken back"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.records import validate
from dougong.records.write import writers
from dougong.storage import tables
from dougong.storage.database import GATE
from dougong.storage.platform_tables import change as change_table


@dataclass
class Trace:
    """What some changes did to one record."""

    id: str
    before: dict[str, Any] | None
    """The record as it was before them, by field; None where they created it."""
    now: dict[str, Any] | None
    """The record as it is; None where it is gone."""
    last_change: str | None
    """The change that wrote it last; None where it is gone."""
    lines_before: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Its lines before them, in their order, with their ids (None: the line is gone); only where they changed some."""

    @property
    def was_created(self) -> bool:
        """Whether the record is new by these changes."""
        return self.before is None


def changes_of(ctx: Context, request: str) -> frozenset[str]:
    """Give the ids of the changes that were made under one request id, such as that of an import's batch."""
    query = sa.select(change_table.c.id).where(change_table.c.request == request)
    return frozenset(ctx.connection.execute(query, execution_options=GATE).scalars())


def last_at(ctx: Context, request: str) -> dt.datetime | None:
    """Say when something was written under a request id last."""
    query = sa.select(change_table.c.at).where(change_table.c.request == request).order_by(change_table.c.at.desc())
    return ctx.connection.execute(query.limit(1), execution_options=GATE).scalar()


def touched(ctx: Context, object_name: str, request: str) -> list[str]:
    """Give the ids of all records that the changes of a request created, changed or deleted; the newest first."""
    held = tables.of(ctx.database, ctx.catalog, object_name)
    changes = sa.select(change_table.c.id).where(change_table.c.request == request)
    live, past = held.table.c, held.history.c
    query = sa.union(
        sa.select(live.id).where(live["_change"].in_(changes)),
        sa.select(past.id).where(past["_change"].in_(changes)),
        sa.select(past.id).where(past.change.in_(changes)),
    )
    return sorted(ctx.connection.execute(query, execution_options=GATE).scalars(), reverse=True)


def traces(ctx: Context, object_name: str, ids: Sequence[str], changes: Collection[str]) -> dict[str, Trace]:
    """Say what some changes did to these records (a few hundred), and to their lines: whatever the actor may see."""
    model = ctx.catalog.object(object_name)
    found = {key: _trace(key, states, changes) for key, states in _states(ctx, model, "id", ids).items()}
    for name in validate.checks_of(ctx.catalog, model).lines:
        child = ctx.catalog.object(str(model.field(name).type.lines()))
        by_parent: dict[str, list[Trace]] = {}
        for line_id, states in _states(ctx, child, "parent", ids).items():
            by_parent.setdefault(states.parent, []).append(_trace(line_id, states, changes))
        for parent_id, lines in by_parent.items():
            if parent_id in found and any(_is_changed(line, changes) for line in lines):
                there = [
                    {**line.before, "id": line.id if line.now else None} for line in lines if line.before is not None
                ]
                found[parent_id].lines_before[name] = sorted(there, key=lambda line: line["position"])
    return found


@dataclass
class _States:
    """The states of one record, the oldest first: which change made each, and which ended it."""

    past: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)
    """Made by, ended by, how it ended, values."""
    live: tuple[str, dict[str, Any]] | None = None

    @property
    def parent(self) -> str:
        values = self.live[1] if self.live else self.past[-1][3]
        return str(values["parent"])


def _trace(record_id: str, states: _States, changes: Collection[str]) -> Trace:
    made, now = states.live if states.live else (None, None)
    before = next((values for by, ended, _, values in states.past if by not in changes and ended in changes), None)
    if before is None and made is not None and made not in changes and not _is_of(states, changes):
        before = now  # they left it alone
    return Trace(record_id, before, now, made)


def _is_of(states: _States, changes: Collection[str]) -> bool:
    return any(by in changes for by, _, _, _ in states.past)


def _is_changed(line: Trace, changes: Collection[str]) -> bool:
    return line.last_change in changes or line.before != line.now


def _states(ctx: Context, model: ObjectModel, key: str, values: Iterable[str]) -> dict[str, _States]:
    held = tables.of(ctx.database, ctx.catalog, model.name)
    wanted = list(values)
    past = sa.select(held.history).where(held.history.c[key].in_(wanted)).order_by(held.history.c.n)
    live = sa.select(held.table).where(held.table.c[key].in_(wanted))
    found: dict[str, _States] = {}
    for row in ctx.connection.execute(past, execution_options=GATE).mappings():
        one = (row["_change"], row["change"], row["op"], _values(ctx, model, row))
        found.setdefault(row["id"], _States()).past.append(one)
    for row in ctx.connection.execute(live, execution_options=GATE).mappings():
        found.setdefault(row["id"], _States()).live = (row["_change"], _values(ctx, model, row))
    return found


def _values(ctx: Context, model: ObjectModel, row: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, writer in writers(ctx, model).items():
        stored = [row[column] for column in writer.columns]
        values[name] = None if stored[0] is None else writer.type.restore(stored)
    return values
