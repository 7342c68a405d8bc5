"""the row of `user` that the system's own acts are by"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from dougong.base.actor import SYSTEM_USER
from dougong.base.names import new_id
from dougong.catalog.model import Catalog
from dougong.storage import tables
from dougong.storage.database import GATE, Database
from dougong.storage.platform_tables import change

USER = "user"
LOGIN = "system"
NAME = "Dougong"


def ensure(connection: sa.Connection, database: Database, catalog: Catalog, now: dt.datetime) -> None:
    """Write the system's row where it is missing; nobody can sign in as it."""
    found = tables.of(database, catalog, USER)
    key = found.column("id")
    if connection.execute(sa.select(key).where(key == SYSTEM_USER), execution_options=dict(GATE)).first():
        return
    change_id = new_id()
    connection.execute(
        sa.insert(change),
        {"id": change_id, "at": now, "actor": SYSTEM_USER, "reason": "installation", "door": "system"},
    )
    values: dict[str, Any] = {
        "id": SYSTEM_USER,
        "version": 1,
        "created_at": now,
        "created_by": SYSTEM_USER,
        "updated_at": now,
        "updated_by": SYSTEM_USER,
        "login": LOGIN,
        "name": NAME,
        "active": False,
        "is_administrator": False,
    }
    row: dict[str, Any] = {"_change": change_id}
    for name, value in values.items():
        columns = found.columns[name]
        stored = catalog.object(USER).field(name).type.store(value)
        row |= {column.name: one for column, one in zip(columns, stored, strict=True)}
    connection.execute(sa.insert(found.table), row, execution_options=dict(GATE))
