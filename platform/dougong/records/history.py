"""who changed what, from what, to what"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import sqlalchemy as sa

from dougong.access import fields as field_rights
from dougong.access import scope
from dougong.base.errors import BadRequest, NotFound
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

MOST_LOOKED_AT = 500
"""So many changes are looked at for who made them."""


@dataclass(frozen=True)
class Span:
    """Which part of what happened to a record is asked for; the newest of it comes first."""

    before: tuple[dt.datetime, str] | None = None
    """Only what is older than this moment; of the same moment, what has a smaller id."""
    by: str | None = None
    """Only what this person did."""
    since: dt.datetime | None = None
    """Only from this moment on."""
    until: dt.datetime | None = None
    """Only before this moment."""

    @property
    def is_all(self) -> bool:
        """Whether it leaves nothing out."""
        return self == Span()


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
    change: str = ""
    """The id of the change that made it."""


@dataclass(frozen=True)
class VersionPage:
    """Some versions of a record, the newest first, and how to get the older ones."""

    versions: tuple[Version, ...]
    next: str | None = None


EVERYTHING = Span()


def history(ctx: Context, object_name: str, record_id: str, *, limit: int = 100) -> tuple[Version, ...]:
    """Give the newest versions of a record, with the fields that the actor may read now."""
    return history_page(ctx, object_name, record_id, limit=limit).versions


def history_page(
    ctx: Context,
    object_name: str,
    record_id: str,
    *,
    limit: int = 100,
    cursor: str | None = None,
    span: Span = EVERYTHING,
) -> VersionPage:
    """Give the newest versions of a record, or those before a cursor: what `next` of the page before said.

    A `span` says which of them are asked for.
    """
    model = ctx.catalog.object(object_name)
    if cursor is not None and not is_id(cursor):
        said = Message("This cursor does not belong to this list. Start again from the first page.", code="cursor")
        raise BadRequest(said)
    _must_see(ctx, model, record_id)
    seen = field_rights.readable(ctx, model)
    held = _lines_held(ctx, model, seen)
    found = _page_of_changes(ctx, model, record_id, held, before=cursor, span=span, limit=limit + 1)
    page = frozenset(found[:limit])
    rows = _rows(ctx, model, "id", record_id, page).get(record_id, [])
    lines = _lines(ctx, held, record_id, page)
    changes = _changes(ctx, page)
    told = [
        _Told(after.change, after.op, _different(before, after, seen), after.values.get("version"))
        for before, after in zip([None, *rows], rows, strict=False)
        if after.change in page
    ]
    for _, after, line in lines:
        of_change = [each for each in told if each.change == after.change]
        if not of_change:
            told.append(_Told(after.change, "updated", (), None))
        (of_change or told)[-1].lines.append(line)
    told.sort(key=lambda each: each.change)  # ids ascend in time; what one unit of work did stays in its order
    versions = [each.version(changes[each.change]) for each in reversed(told) if each.change in changes]
    known = _titles(ctx, model, versions)
    following = found[limit - 1] if len(found) > limit else None
    return VersionPage(tuple(_named(each, known) for each in versions), following)


def actors(ctx: Context, object_name: str, record_id: str) -> tuple[str, ...]:
    """Give the ids of those who made the newest versions of a record, which the actor may read."""
    model = ctx.catalog.object(object_name)
    held = _lines_held(ctx, model, field_rights.readable(ctx, model))
    changes = _page_of_changes(ctx, model, record_id, held, before=None, span=EVERYTHING, limit=MOST_LOOKED_AT)
    query = sa.select(change_table.c.actor).distinct().where(change_table.c.id.in_(changes))
    return tuple(ctx.connection.execute(query).scalars())


def _page_of_changes(
    ctx: Context,
    model: ObjectModel,
    record_id: str,
    held: Sequence[tuple[str, ObjectModel]],
    *,
    before: str | None,
    span: Span,
    limit: int,
) -> list[str]:
    """Give the changes that touched a record or its lines, the newest first."""
    parts = []
    for each, key in ((model, "id"), *((child, "parent") for _, child in held)):
        stored = tables.of(ctx.database, ctx.catalog, each.name)
        past, live = stored.history.c, stored.table.c
        for change, condition in (
            (past["_change"], past[key] == record_id),
            (past["change"], sa.and_(past[key] == record_id, past["op"] == "delete")),
            (live["_change"], live[key] == record_id),
        ):
            part = sa.select(change.label("change")).where(condition)
            parts.append(part if before is None else part.where(change < before))
    every = sa.union(*parts).subquery()
    statement = sa.select(every.c.change).order_by(every.c.change.desc()).limit(limit)
    if not span.is_all:
        made = statement.join(change_table, change_table.c.id == every.c.change)
        statement = made.where(*narrowed(span, change_table.c.at, change_table.c.id, change_table.c.actor))
    return [str(change) for change in ctx.connection.execute(statement, execution_options=GATE).scalars()]


def narrowed(span: Span, at: Any, key: Any, by: Any) -> list[sa.ColumnElement[bool]]:
    """Give a span as conditions on columns: when something happened, its id, and who did it."""
    found: list[sa.ColumnElement[bool]] = []
    if span.before is not None:
        moment, last = span.before
        found.append(sa.or_(at < moment, sa.and_(at == moment, key < last)))
    if span.by is not None:
        found.append(by == span.by)
    if span.since is not None:
        found.append(at >= span.since)
    if span.until is not None:
        found.append(at < span.until)
    return found


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
            change.at,
            self.op,
            change.actor,
            "",
            change.door,
            change.reason,
            self.number,
            self.different,
            lines,
            change=change.id,
        )


@dataclass(frozen=True)
class _Row:
    """A record as one change left it (or, with `deleted`, the fact that a change took it away)."""

    change: str
    op: Literal["created", "updated", "deleted"]
    values: dict[str, Any]


def _rows(ctx: Context, model: ObjectModel, key: str, value: str, page: frozenset[str]) -> dict[str, list[_Row]]:
    """Give the states that some changes made of a record, or of all lines of a record, by id and oldest first.

    Before them stands the state that the oldest of the changes met: two statements for all.
    """
    held = tables.of(ctx.database, ctx.catalog, model.name)
    some = sorted(page)
    past = held.history.c
    touched = sa.or_(past["_change"].in_(some), past["change"].in_(some))
    before = sa.select(held.history).where(past[key] == value, touched).order_by(past["n"])
    live = sa.select(held.table).where(held.table.c[key] == value, held.table.c["_change"].in_(some))
    found: dict[str, list[_Row]] = {}
    for row in ctx.connection.execute(before, execution_options=GATE).mappings().all():
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


def _must_see(ctx: Context, model: ObjectModel, record_id: str) -> None:
    """A live record's history is for those who may read it; a deleted one's for those who may read all, and for who
    deleted it."""
    if read.find(ctx, model, record_id, names=("id",)) is not None:
        return
    rules = scope.rules(ctx, model, "read")
    if rules and is_id(record_id):
        deleted_by = _deleted_by(ctx, model, record_id)
        if deleted_by == ctx.actor.id or (deleted_by is not None and scope.EVERY_ROW in rules):
            return
    said = Message(
        "There is no such {object}, or it is not yours to see.",
        code="not_found",
        object=read.label(model),
    )
    raise NotFound(said)


def _deleted_by(ctx: Context, model: ObjectModel, record_id: str) -> str | None:
    """Say who deleted a record; None where it is there, or never was."""
    held = tables.of(ctx.database, ctx.catalog, model.name)
    past, live = held.history.c, held.table.c
    last = (
        sa.select(past["op"], change_table.c.actor)
        .join(change_table, change_table.c.id == past["change"])
        .where(past["id"] == record_id)
        .order_by(past["n"].desc())
        .limit(1)
    )
    there = sa.select(live["id"]).where(live["id"] == record_id)
    if ctx.connection.execute(there, execution_options=GATE).first() is not None:
        return None
    found = ctx.connection.execute(last, execution_options=GATE).first()
    return found.actor if found is not None and found.op == "delete" else None


def _different(before: _Row | None, after: _Row, seen: frozenset[str]) -> tuple[FieldChange, ...]:
    if after.op == "deleted":
        return ()
    old = before.values if before is not None and before.op != "deleted" else {}
    return tuple(
        FieldChange(name, old.get(name), value)
        for name, value in after.values.items()
        if name in seen and name not in UNTOLD and old.get(name) != value
    )


def _lines_held(ctx: Context, model: ObjectModel, seen: frozenset[str]) -> list[tuple[str, ObjectModel]]:
    """Give the fields of an object that hold lines, with the object of these."""
    found = ((field_.name, field_.type.lines()) for field_ in model.own_fields() if field_.name in seen)
    return [(name, ctx.catalog.object(lines)) for name, lines in found if lines is not None]


def _lines(
    ctx: Context, held: Sequence[tuple[str, ObjectModel]], record_id: str, page: frozenset[str]
) -> list[tuple[str, _Row, LineHistory]]:
    found = []
    for name, child in held:
        readable = field_rights.readable(ctx, child)
        for line_id, rows in _rows(ctx, child, "parent", record_id, page).items():
            before: _Row | None = None
            for after in rows:
                different = _different(before, after, readable)
                if after.change in page and (different or after.op != "updated"):
                    found.append((name, after, LineHistory(name, after.op, line_id, different)))
                before = after
    return found


def _changes(ctx: Context, ids: Collection[str]) -> dict[str, Any]:
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
    return replace(version, actor_name=known.get(version.actor, ""), titles=known)
