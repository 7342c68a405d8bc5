"""assemble settings, plugins, catalog and services into one frozen Engine"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import sqlalchemy as sa

from dougong import plugin_manager
from dougong.base import settings as settings_module
from dougong.base.clock import Clock, SystemClock
from dougong.base.errors import NotFound
from dougong.base.settings import Settings
from dougong.base.text import Message
from dougong.catalog.holder import Holder
from dougong.catalog.model import Catalog
from dougong.features.bundles import service as bundles
from dougong.sdk.extensions import Extensions
from dougong.storage import platform_tables
from dougong.storage.database import Database


@dataclass(frozen=True)
class Engine:
    """One instance, assembled. It is a value: several may live in one process and share nothing."""

    settings: Settings
    extensions: Extensions
    database: Database
    holder: Holder
    clock: Clock = field(default_factory=SystemClock)
    loading: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    """Held by the one thread that loads a catalog."""

    @property
    def locale(self) -> str:
        """The language of those who have chosen none."""
        return self.settings.locale

    @property
    def zone(self) -> str:
        """The instance's time zone."""
        return self.settings.timezone

    @property
    def base_currency(self) -> str:
        """The currency that sums are in."""
        return self.settings.base_currency

    def current(self, connection: sa.Connection, fingerprint: str | None = None) -> Catalog:
        """Give the published catalog; `fingerprint` where the opening statement has read it."""
        return bundles.current(self, connection, fingerprint)

    def catalog(self) -> Catalog:
        """Give the catalog this process holds, maybe not the newest: for what any catalog will do."""
        if not self.holder.is_empty:
            return self.holder.current
        with self.database.open(write=False) as connection:
            return bundles.current(self, connection)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def assemble(settings: Settings, *, clock: Clock | None = None) -> Engine:
    """Put the parts together without asking the database: what `init` begins with."""
    folders = [settings.plugins] if settings.plugins.is_dir() else []
    return Engine(
        settings=settings,
        extensions=plugin_manager.load_extensions(folders),
        database=Database(
            settings.database_url,
            tripwire=settings.tripwire,
            pool_size=settings.pool_size,
            max_overflow=settings.pool_overflow,
        ),
        holder=Holder(),
        clock=clock or SystemClock(),
    )


def open_engine(settings: Settings | None = None, *, clock: Clock | None = None) -> Engine:
    """Open an instance that is there: go on with an interrupted apply, and load the published catalog."""
    read = settings or settings_module.read()
    _refuse_missing(read)
    engine = assemble(read, clock=clock)
    with engine.database.open(write=False) as connection:
        if not platform_tables.exist(connection):
            raise no_instance(read)
    bundles.recover(engine)
    with engine.database.open(write=False) as connection:
        bundles.current(engine, connection)
    engine.extensions.moments.engine_started()
    return engine


def no_instance(settings: Settings) -> NotFound:
    """Say that there is no instance here."""
    return NotFound(
        Message("There is no instance in {home}. Make one with: dougong init", home=settings.home, code="no_instance")
    )


def _refuse_missing(settings: Settings) -> None:
    """Do not make an empty SQLite file by looking for one."""
    if not settings.may_have_database():
        raise no_instance(settings)
