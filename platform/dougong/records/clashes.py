"""what the database refused, said of the fields that clash"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from dougong.base.errors import Conflict, DougongError, InvalidRecord
from dougong.base.text import Message, Verbatim
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.expressions.types import TEXT
from dougong.records.validate import Changes
from dougong.storage import shapes, tables
from dougong.storage.database import GATE

_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (.+)")


def explained(
    ctx: Context, model: ObjectModel, error: sa.exc.IntegrityError, values: Mapping[str, Any] | None = None
) -> DougongError:
    """Say which unique key clashes, at its fields; or that something else is in the way.

    `values` are those of the record, where it was a single one that was written.
    """
    for candidate in (model, *_lines(ctx, model)):
        columns = _columns(ctx, candidate, error)
        if columns:
            return _clash(ctx, candidate, columns, values if candidate is model else None)
    return Conflict(Message("This clashes with other records that were saved meanwhile.", code="conflict"))


def _lines(ctx: Context, model: ObjectModel) -> list[ObjectModel]:
    held = (each.type.lines() for each in model.own_fields())
    return [ctx.catalog.object(name) for name in held if name is not None]


def _columns(ctx: Context, model: ObjectModel, error: sa.exc.IntegrityError) -> tuple[str, ...]:
    """The columns of the unique index that was violated, if it is one of this object."""
    shape = shapes.of(ctx.catalog, model.name)
    if ctx.dialect == "postgresql":
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        return next((index.columns for index in shape.indexes if index.unique and index.name == name), ())
    found = _SQLITE_UNIQUE.search(str(error.orig))
    if not found:
        return ()
    named = [column.strip().rpartition(".") for column in found[1].split(",")]
    if any(table != shape.name for table, _, _ in named):
        return ()
    return tuple(column for _, _, column in named)


def _clash(
    ctx: Context, model: ObjectModel, columns: tuple[str, ...], values: Mapping[str, Any] | None
) -> InvalidRecord:
    held = tables.of(ctx.database, ctx.catalog, model.name)
    field_of = {own[0].name: name for name, own in held.columns.items() if own}
    names = tuple(field_of.get(column, column) for column in columns)
    group = next((each for each in model.definition.unique if each.fields == names), None)
    if group is not None and group.otherwise is not None:
        said: Message = Verbatim(group.otherwise, code="duplicate")
    else:
        said = _taken(model, names, values or {})
    return InvalidRecord({names[0]: [said]})


def _taken(model: ObjectModel, names: tuple[str, ...], values: Mapping[str, Any]) -> Message:
    """Say what another record has already; by the value, where that is a text that people know it by."""
    object_label = model.definition.shown_label()
    value = values.get(names[0])
    is_text = isinstance(value, str) and model.field(names[0]).type.expression_type() == TEXT
    if len(names) > 1 or not is_text:
        return Message("Another {object} has this value already.", code="duplicate", object=object_label)
    return Message(
        "{field} “{value}” is taken: another {object} has it already. Enter another one.",
        code="duplicate",
        field=model.field(names[0]).shown_label(),
        value=value,
        object=object_label,
    )


def among(ctx: Context, model: ObjectModel, many: Mapping[int, Changes]) -> dict[int, dict[str, list[Message]]]:
    """Find which of many new records clash with each other or with what is there, so that the rest can be saved."""
    held = tables.of(ctx.database, ctx.catalog, model.name)
    field_of = {own[0].name: name for name, own in held.columns.items() if own}
    found: dict[int, dict[str, list[Message]]] = {}
    for index in shapes.of(ctx.catalog, model.name).indexes:
        if index.unique and all(column in field_of for column in index.columns):
            names = tuple(field_of[column] for column in index.columns)
            for position in _repeated(ctx, model, held, names, many):
                found.setdefault(position, {}).update(_clash(ctx, model, index.columns, many[position].values).by_field)
    return found


def _repeated(
    ctx: Context,
    model: ObjectModel,
    held: tables.ObjectTable,
    names: tuple[str, ...],
    many: Mapping[int, Changes],
) -> list[int]:
    keys: dict[tuple[object, ...], list[int]] = {}
    for position, changes in many.items():
        key = tuple(changes.values.get(name) for name in names)
        if None not in key:
            keys.setdefault(key, []).append(position)
    if not keys:
        return []
    columns = [held.column(name) for name in names]
    first = {key[0] for key in keys}
    query = sa.select(*columns).where(columns[0].in_(list(first)))
    there = {tuple(row) for row in ctx.connection.execute(query, execution_options=GATE)}
    clashing = [positions if key in there else positions[1:] for key, positions in keys.items()]
    return [position for positions in clashing for position in positions]
