"""INSERT, UPDATE and DELETE, each with its history, its change and its promise, inside the caller's transaction"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dougong.base.names import new_id
from dougong.base.sql_types import Key
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.records import search
from dougong.records.events import RecordsChanged, outbox_rows
from dougong.records.validate import LineChange
from dougong.sdk.field_type import FieldType
from dougong.storage import bulk, platform_tables, tables
from dougong.storage.database import GATE

MOST_ROWS = 500
"""So many rows go in one statement."""


@dataclass(frozen=True)
class Writer:
    """How one field's value becomes columns."""

    name: str
    type: FieldType[Any]
    columns: tuple[str, ...]
    plain: bool

    def put(self, value: Any, row: dict[str, Any]) -> None:
        """Write a value into a row."""
        if self.plain:
            row[self.columns[0]] = value
        elif value is None:
            row.update(dict.fromkeys(self.columns))
        else:
            row.update(zip(self.columns, self.type.store(value), strict=False))


def writers(ctx: Context, model: ObjectModel) -> Mapping[str, Writer]:
    """How the fields of an object become columns, by field."""
    return ctx.catalog.memo(_writers, ctx.database, model.name)


def _writers(catalog: Catalog, database: Any, object_name: str) -> Mapping[str, Writer]:
    held = tables.of(database, catalog, object_name)
    found = {}
    for field in catalog.object(object_name).fields.values():
        placed = field.type.path_column()
        columns = tuple(
            column.name
            for column, kept in zip(held.columns[field.name], field.type.columns(), strict=True)
            if placed is None or kept.suffix != placed
        )
        plain = len(columns) == 1 and type(field.type).store is FieldType.store
        if columns:
            found[field.name] = Writer(field.name, field.type, columns, plain)
    return found


def row_of(ctx: Context, model: ObjectModel, values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Give the columns of some fields."""
    known = writers(ctx, model)
    row: dict[str, Any] = {}
    for name in names:
        writer = known.get(name)
        if writer is not None:
            writer.put(values.get(name), row)
    return row


@dataclass
class Change:
    """The one change row of a unit of work."""

    row: dict[str, Any]
    is_written: bool = False


def change_id(ctx: Context) -> str:
    """The id of this unit of work's change row, which is written with what is announced first."""
    return str(ctx.memo(_change).row["id"])


def _change(ctx: Context) -> Change:
    return Change(
        {
            "id": new_id(),
            "at": ctx.now(),
            "actor": ctx.actor.id,
            "reason": ctx.reason,
            "door": ctx.door,
            "request": ctx.request_id,
        }
    )


_INSERT_CHANGE = platform_tables.change.insert()
_INSERT_OUTBOX = platform_tables.outbox.insert()


def _both() -> sa.Insert:
    """Build the statement that writes change and outbox row in one round trip; SQLite has no such statement."""
    change, outbox = platform_tables.change, platform_tables.outbox
    first = sa.insert(change).values({each.name: sa.bindparam(f"c_{each.name}", type_=each.type) for each in change.c})
    names = ("id", "at", "queue", "topic", "body", "attempts", "handler", "lane", "not_before")
    return (
        sa.insert(outbox)
        .values({name: sa.bindparam(name, type_=outbox.c[name].type) for name in names})
        .add_cte(first.cte("change"))
    )


_INSERT_BOTH = _both()


def announce(ctx: Context, event: RecordsChanged) -> None:
    """Promise an event in this transaction to whoever wants it, and keep the change row: whoever writes announces."""
    change = ctx.memo(_change)
    rows = outbox_rows(ctx, event, change_id(ctx))
    if not change.is_written and len(rows) == 1 and ctx.dialect == "postgresql":
        renamed = {f"c_{name}": value for name, value in change.row.items()}
        ctx.connection.execute(_INSERT_BOTH, {**rows.pop(), **renamed}, execution_options=GATE)
    elif not change.is_written:
        ctx.connection.execute(_INSERT_CHANGE, change.row, execution_options=GATE)
    for start in range(0, len(rows), MOST_ROWS):
        ctx.connection.execute(_INSERT_OUTBOX, rows[start : start + MOST_ROWS], execution_options=GATE)
    change.is_written = True
    for listener in ctx.listeners:
        listener(ctx, event)
    ctx.announce(event)


@contextmanager
def piece(ctx: Context) -> Iterator[None]:
    """A savepoint that takes back what was announced, too."""
    change, told = ctx.memo(_change), len(ctx.announced)
    was_written = change.is_written
    try:
        with ctx.savepoint():
            yield
    except BaseException:
        change.is_written = was_written
        del ctx.announced[told:]
        raise


def stamp_new(ctx: Context, model: ObjectModel, values: dict[str, Any]) -> None:
    """Give a new record its id and the system fields that say who and when."""
    values["id"] = new_id()
    match model.nature:
        case "record":
            values |= {"version": 1, "created_at": ctx.now(), "created_by": ctx.actor.id}
            values |= {"updated_at": ctx.now(), "updated_by": ctx.actor.id}
        case "link":
            values |= {"created_at": ctx.now(), "created_by": ctx.actor.id}
        case "event":
            values |= {"at": ctx.now(), "by": ctx.actor.id}
        case _:
            pass  # lines have their record's; external records are not ours to write


def insert(ctx: Context, model: ObjectModel, many: Sequence[Mapping[str, Any]]) -> None:
    """Insert stamped records."""
    if not many:
        return
    held = tables.of(ctx.database, ctx.catalog, model.name)
    change = change_id(ctx)
    plain, split = ctx.catalog.memo(_by_way, ctx.database, model.name)
    searched = search.searched_fields(ctx.catalog, model) if "_tokens" in held.table.c else None
    since = {"_since": ctx.now()} if model.nature == "child" else {}
    rows = []
    for values in many:
        row: dict[str, Any] = {column: values.get(name) for name, column in plain}
        row |= since
        row["_change"] = change
        for writer in split:
            writer.put(values.get(writer.name), row)
        if searched is not None:
            row["_tokens"] = search.stored_tokens(searched, values)
        rows.append(row)
    if bulk.is_worth_it(ctx.connection, len(rows)):
        bulk.copy(ctx.connection, held.table, rows)
        return
    statement = ctx.catalog.memo(_insert_into, ctx.database, model.name)
    for start in range(0, len(rows), MOST_ROWS):
        some = rows[start : start + MOST_ROWS]
        ctx.connection.execute(statement, some if len(some) > 1 else some[0], execution_options=GATE)


def _by_way(
    catalog: Catalog, database: Any, object_name: str
) -> tuple[tuple[tuple[str, str], ...], tuple[Writer, ...]]:
    """Give the fields whose value is their column's, with it; and the writers of all others."""
    known = _writers(catalog, database, object_name).values()
    plain = tuple((each.name, each.columns[0]) for each in known if each.plain)
    return plain, tuple(each for each in known if not each.plain)


def _insert_into(catalog: Catalog, database: Any, object_name: str) -> Any:
    return tables.of(database, catalog, object_name).table.insert()


def insert_lines(ctx: Context, child: ObjectModel, parent_id: str, lines: Sequence[LineChange]) -> None:
    """Insert the new lines of a record."""
    fresh = [{**line.values, "id": line.id, "parent": parent_id} for line in lines if line.op == "create"]
    insert(ctx, child, fresh)


def update(ctx: Context, model: ObjectModel, values: Mapping[str, Any], names: Iterable[str]) -> None:
    """Write some fields of one record, the superseded row going to the history first."""
    names = list(names)
    row = row_of(ctx, model, values, names)
    row["_change"] = change_id(ctx)
    if model.nature == "child":
        row["_since"] = ctx.now()
    searched = search.searched_fields(ctx.catalog, model) if model.nature == "record" else ()
    if set(searched) & set(names):
        row["_tokens"] = search.stored_tokens(searched, values)
    keep_history(ctx, model, (values["id"],), "update")
    statement = ctx.catalog.memo(_update_of, ctx.database, model.name, tuple(sorted(row)))
    bound = {f"v_{column}": value for column, value in row.items()}
    ctx.connection.execute(statement, {**bound, "record_id": values["id"]}, execution_options=GATE)


def _update_of(catalog: Catalog, database: Any, object_name: str, columns: tuple[str, ...]) -> Any:
    table = tables.of(database, catalog, object_name).table
    binds = {column: sa.bindparam(f"v_{column}", type_=table.c[column].type) for column in columns}
    return table.update().where(table.c.id == sa.bindparam("record_id")).values(binds)


def touch(ctx: Context, model: ObjectModel, values: dict[str, Any]) -> tuple[str, ...]:
    """Give a record the next version; the names of the fields that this changes."""
    values |= {"version": values["version"] + 1, "updated_at": ctx.now(), "updated_by": ctx.actor.id}
    return ("version", "updated_at", "updated_by")


def keep_history(ctx: Context, model: ObjectModel, ids: Sequence[str], op: str) -> None:
    """Copy rows as they are into the history: whole, with the change that supersedes them."""
    statement = ctx.catalog.memo(_history_of, ctx.database, model.name, len(ids) == 1)
    bound: dict[str, Any] = {"change": change_id(ctx), "valid_to": ctx.now(), "op": op}
    bound["ids"] = ids[0] if len(ids) == 1 else list(ids)
    ctx.connection.execute(statement, bound, execution_options=GATE)


_SINCE = {"record": "updated_at", "child": "_since", "link": "created_at", "event": "at"}


def _history_of(catalog: Catalog, database: Any, object_name: str, one: bool) -> Any:  # noqa: FBT001 -- a memo key
    held = tables.of(database, catalog, object_name)
    table = held.table
    since = table.c[_SINCE[catalog.object(object_name).nature]]
    own = [
        sa.bindparam("change", type_=held.history.c.change.type),
        since,
        sa.bindparam("valid_to", type_=held.history.c.valid_to.type),
        sa.bindparam("op", type_=sa.Text),
    ]
    ids = sa.bindparam("ids", type_=table.c.id.type) if one else sa.bindparam("ids", expanding=True, type_=Key)
    chosen = sa.select(*own, *table.c).where(table.c.id == ids if one else table.c.id.in_(ids))
    names = ["change", "valid_from", "valid_to", "op", *(column.name for column in table.c)]
    return held.history.insert().from_select(names, chosen, include_defaults=False)


def write_lines(ctx: Context, child: ObjectModel, parent_id: str, lines: Sequence[LineChange]) -> None:
    """Insert, change and delete the lines of a record."""
    gone = [line.id for line in lines if line.op == "delete"]
    if gone:
        remove(ctx, child, gone)
    for line in lines:
        if line.op == "update":
            before = line.before.values if line.before else {}
            names = [name for name, value in line.values.items() if before.get(name) != value]
            update(ctx, child, {**line.values, "id": line.id}, names)
    insert_lines(ctx, child, parent_id, lines)


def remove(ctx: Context, model: ObjectModel, ids: Sequence[str]) -> None:
    """Move rows to the history."""
    held = tables.of(ctx.database, ctx.catalog, model.name)
    for start in range(0, len(ids), MOST_ROWS):
        some = ids[start : start + MOST_ROWS]
        keep_history(ctx, model, some, "delete")
        statement = held.table.delete().where(held.table.c.id.in_(list(some)))
        ctx.connection.execute(statement, execution_options=GATE)
