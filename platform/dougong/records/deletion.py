"""deleting a record: what points to it, what goes with it"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from dougong.access import ceilings
from dougong.base.errors import Conflict, NotAllowed
from dougong.base.text import Message
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.records import read, write
from dougong.records.events import RecordsChanged
from dougong.records.query import Record
from dougong.records.reach import with_columns
from dougong.records.validate import checks_of
from dougong.storage import tables
from dougong.storage.database import GATE

MOST_FOLLOWING = 10_000
"""A deletion that would take or change more than this is refused: it was hardly meant."""


def delete(ctx: Context, model: ObjectModel, record: Record) -> None:
    """Move a record with its lines to the history; what points to it is cleared, goes too, or is in the way."""
    _delete(ctx, model, record.id, set())


def pointing(catalog: Catalog, object_name: str) -> tuple[tuple[str, str, str], ...]:
    """The lookups that lead to an object, with what deleting does: (object, field, `refuse`, `clear` or `cascade`)."""
    return catalog.memo(_pointing, object_name)


def _pointing(catalog: Catalog, object_name: str) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (model.name, field.name, field.type.when_deleted())
        for model in catalog.objects.values()
        for field in model.fields.values()
        if field.type.lookup() == object_name and field.type.columns() and not _is_stamp(field)
    )


def _is_stamp(field: Any) -> bool:
    """Who wrote a record, its own id and its parent hold nothing back."""
    return field.is_system and field.name not in ("owner", "unit")


def _delete(ctx: Context, model: ObjectModel, record_id: str, gone: set[tuple[str, str]]) -> None:
    if (model.name, record_id) in gone:
        return
    gone.add((model.name, record_id))
    if len(gone) > MOST_FOLLOWING:
        raise Conflict(Message("Deleting this would delete too many other records.", code="delete_too_many"))
    for object_name, field_name, on_delete in pointing(ctx.catalog, model.name):
        other = ctx.catalog.object(object_name)
        ids = [each for each in _ids(ctx, other, field_name, record_id) if (object_name, each) not in gone]
        _follow(ctx, model, other, field_name, on_delete, ids, gone)
    for name in checks_of(ctx.catalog, model).lines:
        child = ctx.catalog.object(str(model.field(name).type.lines()))
        write.remove(ctx, child, _ids(ctx, child, "parent", record_id))
    write.remove(ctx, model, [record_id])
    write.announce(ctx, RecordsChanged(model.name, "deleted", (record_id,)))


def _follow(
    ctx: Context,
    model: ObjectModel,
    other: ObjectModel,
    field_name: str,
    on_delete: str,
    ids: list[str],
    gone: set[tuple[str, str]],
) -> None:
    """Do to the records that point to a deleted one what their author said."""
    if ids and on_delete == "refuse":
        raise _in_the_way(model, other, ids)
    if ids and other.parent is not None:
        _touch_parents(ctx, other, ids)
    for each in ids:
        if on_delete == "cascade":
            _must_be_free(ctx, other, each, "delete")
            _delete(ctx, other, each, gone)
        else:
            _clear(ctx, other, each, field_name)


def _touch_parents(ctx: Context, child: ObjectModel, ids: list[str]) -> None:
    """Give the records whose lines change a new version: it guards the whole family."""
    held = tables.of(ctx.database, ctx.catalog, child.name)
    asked = sa.select(held.column("parent")).where(held.table.c.id.in_(ids)).distinct()
    parent = ctx.catalog.object(str(child.parent))
    system = ctx.as_system("lines of a record changed with a deletion")
    for parent_id in sorted(ctx.connection.execute(asked, execution_options=GATE).scalars()):
        record = read.find(system, parent, parent_id, names=with_columns(ctx.catalog, parent), lock=True)
        if record is not None:
            _must_be_free(ctx, parent, parent_id, "update", str(child.parent_field), record=record)
            values = dict(record.values)
            write.update(ctx, parent, values, write.touch(ctx, parent, values))
            write.announce(ctx, RecordsChanged(parent.name, "updated", (parent_id,), (str(child.parent_field),)))


def _must_be_free(
    ctx: Context, model: ObjectModel, record_id: str, verb: str, *touched: str, record: Record | None = None
) -> None:
    """Refuse to delete or change with a record another one that is locked for who deletes it."""
    if not ceilings.may_lock(ctx.catalog, model):
        return
    if record is None:
        system = ctx.as_system("see whether a record may go with another")
        record = read.find(system, model, record_id, names=with_columns(ctx.catalog, model))
    found = ceilings.over_record(ctx, model, record.values, verb, frozenset(touched)) if record else ()
    if found:
        said = Message(
            "This would {verb} {object}, which is not possible: {reason}",
            code=found[0].reason.code,
            verb=verb,
            object=read.label(model),
            reason=found[0].reason,
        )
        raise NotAllowed(said)


def _in_the_way(model: ObjectModel, other: ObjectModel, ids: list[str]) -> Conflict:
    said = Message(
        "{count} {others} still point to this {object}. Change or delete them first.",
        code="still_used",
        count=f"{len(ids)}+" if len(ids) > MOST_FOLLOWING else len(ids),
        others=other.definition.shown_plural(),
        object=read.label(model),
    )
    return Conflict(said)


def _ids(ctx: Context, model: ObjectModel, field_name: str, record_id: str) -> list[str]:
    held = tables.of(ctx.database, ctx.catalog, model.name)
    query = sa.select(held.table.c.id).where(held.column(field_name) == record_id).limit(MOST_FOLLOWING + 1)
    return list(ctx.connection.execute(query, execution_options=GATE).scalars())


def _clear(ctx: Context, model: ObjectModel, record_id: str, field_name: str) -> None:
    """Blank a lookup of a record that stays; it is a change of that record like any other."""
    system = ctx.as_system("clear a lookup of a deleted record")
    record = read.find(system, model, record_id, names=with_columns(ctx.catalog, model), lock=True)
    if record is None:
        return
    _must_be_free(ctx, model, record_id, "update", field_name, record=record)
    values: dict[str, Any] = {**record.values, field_name: None}
    touched = write.touch(ctx, model, values) if model.nature == "record" else ()
    write.update(ctx, model, values, {field_name, *touched})
    write.announce(ctx, RecordsChanged(model.name, "updated", (record_id,), (field_name,)))
