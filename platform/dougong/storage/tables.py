"""an object as a SQLAlchemy table"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from dougong.base.sql_types import Key, Moment
from dougong.catalog.model import Catalog
from dougong.storage import shapes
from dougong.storage.database import OBJECT, Database
from dougong.storage.object_table import ObjectTable
from dougong.storage.shapes import TableShape


def of(database: Database, catalog: Catalog, object_name: str) -> ObjectTable:
    """Give the table of an object. As long as its shape stays, it is the same one from catalog to catalog."""
    return catalog.memo(_of, database, object_name)


def _of(catalog: Catalog, database: Database, object_name: str) -> ObjectTable:
    shape = shapes.of(catalog, object_name)
    digest = shape.digest()
    with database.lock:
        if digest not in database.tables:
            database.tables[digest] = build(shape)
        return database.tables[digest]


def build(shape: TableShape) -> ObjectTable:
    """Build the tables of a shape."""
    # A MetaData for each: tables of other objects come and go without these.
    metadata = sa.MetaData()
    info = {OBJECT: shape.object}
    live: list[sa.Column[Any]] = [sa.Column(each.name, each.type, primary_key=each.is_key) for each in shape.columns]
    past: list[sa.Column[Any]] = [sa.Column(each.name, each.type) for each in shape.columns]
    own: list[sa.Column[Any]] = [
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(), primary_key=True),
        sa.Column("change", Key),
        sa.Column("valid_from", Moment),
        sa.Column("valid_to", Moment),
        sa.Column("op", sa.Text),
    ]
    table = sa.Table(shape.name, metadata, *live, info=info)
    history = sa.Table(shape.history, metadata, *own, *past, info=info)
    columns = {
        field: tuple(table.c[each.name] for each in shape.columns if each.field == field) for field in shape.fields
    }
    return ObjectTable(shape.object, table, history, MappingProxyType(columns))


__all__ = ["ObjectTable", "build", "of"]
