"""lookups of an object to itself, with the path from the top kept beside them"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from dougong.base.errors import InvalidRecord
from dougong.base.text import Message
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.storage import tables
from dougong.storage.database import GATE

DEEPEST = 40


def trees(catalog: Catalog, model: ObjectModel) -> tuple[str, ...]:
    """The tree fields of an object."""
    return catalog.memo(_trees, model.name)


def _trees(catalog: Catalog, object_name: str) -> tuple[str, ...]:
    fields = catalog.object(object_name).own_fields()
    return tuple(each.name for each in fields if each.type.path_column() is not None)


def place(ctx: Context, model: ObjectModel, record_id: str, values: dict[str, Any], *, is_new: bool) -> None:
    """Write where a record stands in its trees, and move what stands below it; refuse a circle."""
    held = tables.of(ctx.database, ctx.catalog, model.name)
    for name in trees(ctx.catalog, model):
        path = held.columns[name][1]
        above = values.get(name)
        prefix = _path_of(ctx, held, path, above) if above else "/"
        mine = f"{prefix}{record_id}/"
        if record_id == above or f"/{record_id}/" in prefix:
            said = Message("A record cannot stand below itself.", code="circle")
            raise InvalidRecord({name: [said]})
        if prefix.count("/") > DEEPEST:
            raise InvalidRecord({name: [Message("This tree would be deeper than {most}.", code="deep", most=DEEPEST)]})
        before = None if is_new else _path_of(ctx, held, path, record_id)
        change = sa.update(held.table).where(held.table.c.id == record_id).values({path.name: mine})
        ctx.connection.execute(change, execution_options=GATE)
        if before and before != mine:
            moved = sa.func.substr(path, len(before) + 1)
            below = sa.update(held.table).where(path.like(f"{before}%"), held.table.c.id != record_id)
            ctx.connection.execute(below.values({path.name: mine + moved}), execution_options=GATE)


def _path_of(ctx: Context, held: tables.ObjectTable, path: Any, record_id: str) -> str:
    query = sa.select(path).where(held.table.c.id == record_id)
    return ctx.connection.execute(query, execution_options=GATE).scalar() or f"/{record_id}/"
