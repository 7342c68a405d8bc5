"""an instance from nothing: its tables, the platform's own bundle, the system's user"""

from __future__ import annotations

import sqlalchemy as sa

from dougong.base.actor import SYSTEM_USER
from dougong.features.bundles import service
from dougong.features.bundles.service import Installation, Layers
from dougong.storage import platform_tables, system_user

SYSTEM = "system"


def is_there(engine: Installation) -> bool:
    """Whether the database holds an instance with a catalog."""
    with engine.database.open(write=False) as connection:
        return platform_tables.exist(connection) and bool(service.installed.fingerprint(connection))


def prepare(engine: Installation, layers: Layers, *, reason: str = "init") -> None:
    """Make the platform's tables and apply these layers, `system` among them. Safe to do again."""
    with engine.database.open(write=True) as connection:
        platform_tables.create(connection)
    service.apply(engine, service.plan(engine, layers), by=SYSTEM_USER, reason=reason)
    with engine.database.open(write=True) as connection:
        catalog = service.current(engine, connection)
        system_user.ensure(connection, engine.database, catalog, engine.clock.now())


def setting(engine: Installation, name: str) -> str | None:
    """Give what the instance has noted under a name."""
    table = platform_tables.instance_setting
    with engine.database.open(write=False) as connection:
        return connection.execute(sa.select(table.c.value).where(table.c.name == name)).scalar()


def set_setting(engine: Installation, name: str, value: str) -> None:
    """Note something about the instance."""
    table = platform_tables.instance_setting
    with engine.database.open(write=True) as connection:
        connection.execute(sa.delete(table).where(table.c.name == name))
        connection.execute(sa.insert(table), {"name": name, "value": value})
