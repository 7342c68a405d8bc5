"""lookups of an object to itself, with the path from the top kept beside them"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

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


def refuse_circles(
    ctx: Context, model: ObjectModel, record_id: str, values: Mapping[str, Any], names: set[str]
) -> dict[str, list[Message]]:
    """Say which tree fields would put a record below itself, or too deep, before anything is written."""
    errors: dict[str, list[Message]] = {}
    held = tables.of(ctx.database, ctx.catalog, model.name)
    for name in set(trees(ctx.catalog, model)) & names:
        above = values.get(name)
        if above is None:
            continue
        prefix = _path_of(ctx, held, held.columns[name][1], above)
        if record_id == above or f"/{record_id}/" in prefix:
            errors[name] = [Message("A record cannot stand below itself.", code="circle")]
        elif prefix.count("/") > DEEPEST:
            errors[name] = [Message("This tree would be deeper than {most}.", code="deep", most=DEEPEST)]
    return errors


def place(ctx: Context, model: ObjectModel, record_id: str, values: dict[str, Any], *, is_new: bool) -> None:
    """Write where a record stands in its trees, and move what stands below it."""
    held = tables.of(ctx.database, ctx.catalog, model.name)
    for name in trees(ctx.catalog, model):
        path = held.columns[name][1]
        above = values.get(name)
        prefix = _path_of(ctx, held, path, above) if above else "/"
        mine = f"{prefix}{record_id}/"
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
