"""records found by a natural key, many at once"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from dougong.access import scope
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.records.source import Source, asked_by, rights
from dougong.storage.database import GATE

Key = tuple[Any, ...]
AT_ONCE = 500


def find_by(ctx: Context, object_name: str, names: tuple[str, ...], keys: Iterable[Key]) -> dict[Key, list[str]]:
    """Give the ids of the records that the actor may read, by the values of some fields; several where they are alike.

    A field may be `parent` or another lookup: its value is an id. A name may be a path over lookups. Keys with a blank
    in them find nothing.
    """
    model = ctx.catalog.object(object_name)
    wanted = {key for key in keys if None not in key}
    found: dict[Key, list[str]] = {}
    for some in _chunks(sorted({key[0] for key in wanted}, key=str)):
        for record_id, *values in _rows(ctx, model, names, some):
            key = tuple(values)
            if key in wanted:
                found.setdefault(key, []).append(record_id)
    return found


def values_by_id(ctx: Context, object_name: str, name: str, ids: Iterable[str]) -> dict[str, Any]:
    """Give one field of the records that the actor may read, by their ids."""
    model = ctx.catalog.object(object_name)
    chunks = _chunks(sorted(set(ids)))
    return {record_id: value for some in chunks for record_id, _, value in _rows(ctx, model, ("id", name), some)}


def _chunks(values: list[Any]) -> Iterable[list[Any]]:
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))


def _column(source: Source, path: str) -> Any:
    *steps, last = path.split(".")
    for step in steps:
        source = source.follow(step)
    return source.columns_of(last)[0]


def _rows(ctx: Context, model: ObjectModel, names: tuple[str, ...], first: list[Any]) -> Iterable[Any]:
    source = Source(ctx, model)
    columns = [_column(source, name) for name in names]
    conditions: list[Any] = [columns[0].in_(sa.bindparam("keys", expanding=True, type_=columns[0].type))]
    allowed = rights(ctx, source, "read")
    if allowed is not None:
        conditions.append(allowed)
    statement = sa.select(source.table.c.id, *columns).select_from(source.joined()).where(*conditions)
    bound = {"keys": first, **scope.bind(ctx, asked_by(statement))}
    return ctx.connection.execute(statement, bound, execution_options=GATE).all()
