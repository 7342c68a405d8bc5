"""an instance from nothing: its tables, the platform's own bundle, the system's user"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from dougong.base import settings as settings_module
from dougong.base.actor import SYSTEM_USER
from dougong.base.settings import Settings
from dougong.features.bundles import service
from dougong.features.bundles.service import Installation, Layers
from dougong.storage import installed, platform_tables, sweep, system_user, upgrade

SYSTEM = "system"


def is_there(engine: Installation) -> bool:
    """Whether the database holds an instance with a catalog."""
    with engine.database.open(write=False) as connection:
        return platform_tables.exist(connection) and bool(installed.fingerprint(connection))


def begin(engine: Installation, *, demo: bool = False) -> None:
    """Make home, secret key and database, with the platform's own bundle. Safe to do again."""
    home = engine.settings.home
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / "files").mkdir(exist_ok=True)
    settings_module.make_secret_key(engine.settings)
    upgrade.upgrade(engine.database)
    if demo:
        set_setting(engine, "demo", "1")
    prepare(engine, service.read_layers([_system(engine.settings)]))


def _system(settings: Settings) -> Path:
    """Find the platform's own bundle: beside the others, or the shipped one."""
    own = settings.definitions / SYSTEM
    return own if own.is_dir() else settings_module.default_folder("metadata") / SYSTEM


def prepare(engine: Installation, layers: Layers, *, reason: str = "init") -> None:
    """Make the platform's tables and apply these layers, `system` among them. Safe to do again."""
    upgrade.upgrade(engine.database)
    service.apply(engine, service.plan(engine, layers), by=SYSTEM_USER, reason=reason)
    ensure_system_user(engine)


def ensure_system_user(engine: Installation) -> None:
    """Write the row that the system's own acts are by, where it is missing."""
    with engine.database.open(write=True) as connection:
        catalog = service.current(engine, connection)
        system_user.ensure(connection, engine.database, catalog, engine.clock.now())


def take_away(engine: Installation) -> None:
    """Drop every table of ours. Only for a demo: there is no way back."""
    with engine.database.open(write=True) as connection:
        sweep.drop_everything(connection)


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
