"""who changed what, from what, to what"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa

from dougong.access import fields as field_rights
from dougong.access import scope
from dougong.base.errors import NotFound
from dougong.base.names import is_id
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.records import read
from dougong.records.references import titles
from dougong.records.write import writers
from dougong.storage import tables
from dougong.storage.database import GATE
from dougong.storage.platform_tables import change as change_table

UNTOLD = frozenset({"id", "version", "created_at", "created_by", "updated_at", "updated_by", "parent"})
"""What changes with every version says nothing."""


@dataclass(frozen=True)
class FieldChange:
    """One field of one version: what it was and what it became."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class LineHistory:
    """What happened to one line in one version."""

    field: str
    op: Literal["created", "updated", "deleted"]
    id: str
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Version:
    """One version of a record: who made it, when, how, and what was different."""

    at: dt.datetime
    op: Literal["created", "updated", "deleted"]
    actor: str
    actor_name: str
    door: str
    reason: str | None
    version: int | None
    changes: tuple[FieldChange, ...] = ()
    lines: tuple[LineHistory, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)


def history(ctx: Context, object_name: str, record_id: str, *, limit: int = 100) -> tuple[Version, ...]:
    """Give the versions of a record, the newest first, with the fields that the actor may read now."""
    model = ctx.catalog.object(object_name)
    rows = _rows(ctx, model, "id", record_id).get(record_id, []) if is_id(record_id) else []
    _must_see(ctx, model, record_id, rows)
    seen = field_rights.readable(ctx, model)
    lines = _lines(ctx, model, record_id, seen)
    changes = _changes(ctx, {each.change for each in rows} | {each.change for _, each, _ in lines})
    told = [
        _Told(after.change, after.op, _different(before, after, seen), after.values.get("version"))
        for before, after in zip([None, *rows], rows, strict=False)
    ]
    for _, after, line in lines:
        of_change = [each for each in told if each.change == after.change]
        if not of_change:
            told.append(_Told(after.change, "updated", (), None))
        (of_change or told)[-1].lines.append(line)
    told.sort(key=lambda each: each.change)  # ids ascend in time; what one unit of work did stays in its order
    versions = [each.version(changes[each.change]) for each in reversed(told) if each.change in changes]
    known = _titles(ctx, model, versions[:limit])
    return tuple(_named(each, known) for each in versions[:limit])


@dataclass
class _Told:
    """What one change did to a record, before it is known who made it."""

    change: str
    op: Literal["created", "updated", "deleted"]
    different: tuple[FieldChange, ...]
    number: int | None
    lines: list[LineHistory] = field(default_factory=list)

    def version(self, change: Any) -> Version:
        """Give it as a version; the lines a record was created with are told by the record."""
        lines = tuple(self.lines) if self.op != "created" else ()
        return Version(
            change.at, self.op, change.actor, "", change.door, change.reason, self.number, self.different, lines
        )


@dataclass(frozen=True)
class _Row:
    """A record as one change left it (or, with `deleted`, the fact that a change took it away)."""

    change: str
    op: Literal["created", "updated", "deleted"]
    values: dict[str, Any]


def _rows(ctx: Context, model: ObjectModel, key: str, value: str) -> dict[str, list[_Row]]:
    """Give the states of a record, or of all lines of a record, by id and oldest first: two statements for all."""
    held = tables.of(ctx.database, ctx.catalog, model.name)
    past = sa.select(held.history).where(held.history.c[key] == value).order_by(held.history.c.n)
    live = sa.select(held.table).where(held.table.c[key] == value)
    found: dict[str, list[_Row]] = {}
    for row in ctx.connection.execute(past, execution_options=GATE).mappings().all():
        _append(found, row["id"], row["_change"], _values(ctx, model, row))
        if row["op"] == "delete":
            found[row["id"]].append(_Row(row["change"], "deleted", {}))
    for row in ctx.connection.execute(live, execution_options=GATE).mappings().all():
        _append(found, row["id"], row["_change"], _values(ctx, model, row))
    return found


def _append(found: dict[str, list[_Row]], record_id: str, change: str, values: dict[str, Any]) -> None:
    rows = found.setdefault(record_id, [])
    rows.append(_Row(change, "updated" if rows else "created", values))


def _values(ctx: Context, model: ObjectModel, row: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, writer in writers(ctx, model).items():
        stored = [row[column] for column in writer.columns]
        values[name] = None if stored[0] is None else writer.type.restore(stored)
    return values


def _must_see(ctx: Context, model: ObjectModel, record_id: str, rows: Sequence[_Row]) -> None:
    """A live record's history is for those who may read it; a deleted one's for those who may read all."""
    if rows and rows[-1].op == "deleted" and scope.EVERY_ROW in scope.rules(ctx, model, "read"):
        return
    if read.find(ctx, model, record_id, names=("id",)) is None:
        said = Message(
            "There is no such {object}, or it is not yours to see.",
            code="not_found",
            object=read.label(model),
        )
        raise NotFound(said)


def _different(before: _Row | None, after: _Row, seen: frozenset[str]) -> tuple[FieldChange, ...]:
    if after.op == "deleted":
        return ()
    old = before.values if before is not None and before.op != "deleted" else {}
    return tuple(
        FieldChange(name, old.get(name), value)
        for name, value in after.values.items()
        if name in seen and name not in UNTOLD and old.get(name) != value
    )


def _lines(
    ctx: Context, model: ObjectModel, record_id: str, seen: frozenset[str]
) -> list[tuple[str, _Row, LineHistory]]:
    found = []
    for field_ in model.own_fields():
        lines = field_.type.lines()
        if lines is None or field_.name not in seen:
            continue
        child = ctx.catalog.object(lines)
        readable = field_rights.readable(ctx, child)
        for line_id, rows in _rows(ctx, child, "parent", record_id).items():
            before: _Row | None = None
            for after in rows:
                different = _different(before, after, readable)
                if different or after.op != "updated":
                    found.append((field_.name, after, LineHistory(field_.name, after.op, line_id, different)))
                before = after
    return found


def _changes(ctx: Context, ids: set[str]) -> dict[str, Any]:
    query = sa.select(change_table).where(change_table.c.id.in_(sorted(ids)))
    return {row.id: row for row in ctx.connection.execute(query)}


def _titles(ctx: Context, model: ObjectModel, versions: Sequence[Version]) -> dict[str, str]:
    """Read the names of those who acted and of all that the values point to: one query per object."""
    wanted: dict[str, set[str]] = {"user": {each.actor for each in versions}}
    for each in versions:
        _collect(model, each.changes, wanted)
        for line in each.lines:
            child = ctx.catalog.object(str(model.field(line.field).type.lines()))
            _collect(child, line.changes, wanted)
    known: dict[str, str] = {}
    for target, ids in wanted.items():
        known |= titles(ctx, target, ids)
    return known


def _collect(model: ObjectModel, changes: Sequence[FieldChange], wanted: dict[str, set[str]]) -> None:
    for change in changes:
        target = model.fields[change.field].type.lookup()
        if target is not None:
            wanted.setdefault(target, set()).update(each for each in (change.before, change.after) if each)


def _named(version: Version, known: Mapping[str, str]) -> Version:
    return Version(
        version.at,
        version.op,
        version.actor,
        known.get(version.actor, ""),
        version.door,
        version.reason,
        version.version,
        version.changes,
        version.lines,
        known,
    )
