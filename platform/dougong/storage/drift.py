"""how the tables of the database differ from what the catalog wants"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from dougong.catalog.model import Catalog
from dougong.storage import shapes, upgrade
from dougong.storage.shapes import TableShape


def find(connection: sa.Connection, catalog: Catalog) -> Iterator[str]:
    """Say what is missing or of another type. Columns that are kept aside are no drift."""
    inspector = sa.inspect(connection)
    there = set(inspector.get_table_names())
    yield from (f"{each} is missing" for each in upgrade.missing(connection))
    columns = inspector.get_multi_columns()
    indexes = inspector.get_multi_indexes()
    dialect = connection.dialect
    for model in shapes.stored(catalog):
        shape = shapes.of(catalog, model.name)
        for name in (shape.name, shape.history):
            if name not in there:
                yield f"table {name} is missing"
                continue
            found = {column["name"]: column["type"] for column in columns[(None, name)]}
            yield from _columns(shape, name, found, dialect)
        if shape.name in there:
            names = {index["name"] for index in indexes.get((None, shape.name), ())}
            yield from (f"index {each.name} is missing" for each in shape.indexes if each.name not in names)


def _columns(
    shape: TableShape, table: str, found: dict[str, sa.types.TypeEngine[Any]], dialect: sa.Dialect
) -> Iterator[str]:
    for each in shape.columns:
        if each.name not in found:
            yield f"column {table}.{each.name} is missing"
            continue
        wanted, has = (_plain(kind, dialect) for kind in (each.type, found[each.name]))
        if wanted != has:
            yield f"column {table}.{each.name} is {has} and should be {wanted}"


def _plain(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> str:
    """Say a type as the database does, without the collation."""
    return str(kind.compile(dialect=dialect)).split(" COLLATE")[0].upper()
