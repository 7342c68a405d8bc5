"""throw-away instances for tests: made once from some definitions, then copied

Making tables takes a second on PostgreSQL, copying a database a tenth of it: the first test of a set of definitions
makes a template, and every test gets its own copy.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from dougong import engine as engine_module
from dougong.base.actor import SYSTEM_USER
from dougong.base.clock import Clock
from dougong.base.names import new_id
from dougong.base.settings import Settings, make_secret_key
from dougong.engine import Engine
from dougong.features.bundles import service as bundles
from dougong.storage import upgrade

Layers = Mapping[str, Mapping[str, str]]
CHECKOUT = Path(__file__).resolve().parents[3]


@dataclass
class Instances:
    """Makes instances in a folder, on SQLite or on a PostgreSQL server."""

    folder: Path
    postgres_url: str = ""
    _templates: dict[str, str] = field(default_factory=dict)
    _made: list[str] = field(default_factory=list)

    def make(self, layers: Layers, *, dialect: str = "sqlite", clock: Clock | None = None) -> Engine:
        """Make an instance with these definitions applied; the caller closes it."""
        key = (
            dialect
            + hashlib.sha256(repr(sorted((n, sorted(t.items())) for n, t in layers.items())).encode()).hexdigest()
        )
        if key not in self._templates:
            url = self._new_url(dialect)
            self._fill(self.settings(url), layers)
            self._templates[key] = url
        return engine_module.open_engine(self.settings(self._copy(self._templates[key], dialect)), clock=clock)

    def settings(self, url: str) -> Settings:
        """Give the settings of an instance of its own in this folder."""
        home = self.folder / new_id()
        home.mkdir(parents=True)
        settings = Settings(home=home, database_url=url, definitions=CHECKOUT / "metadata")
        make_secret_key(settings)
        return settings

    def _fill(self, settings: Settings, layers: Layers) -> None:
        engine = engine_module.assemble(settings)
        upgrade.upgrade(engine.database)
        bundles.apply(engine, bundles.plan(engine, layers), by=SYSTEM_USER, allow_drop=True)
        engine.close()

    def _new_url(self, dialect: str) -> str:
        if dialect == "sqlite":
            return f"sqlite:///{self.folder / new_id()}.db"
        name = f"dougong_test_{os.getpid()}_{new_id().replace('-', '')[-12:]}"
        with self._server() as server:
            server.exec_driver_sql(f'CREATE DATABASE "{name}"')
        self._made.append(name)
        return sa.make_url(self.postgres_url).set(database=name).render_as_string(hide_password=False)

    def _copy(self, template: str, dialect: str) -> str:
        if dialect == "sqlite":
            url = self._new_url(dialect)
            shutil.copyfile(template.removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))
            return url
        source = sa.make_url(template)
        name = f"dougong_test_{os.getpid()}_{new_id().replace('-', '')[-12:]}"
        with self._server() as server:
            server.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{source.database}"')
        self._made.append(name)
        return source.set(database=name).render_as_string(hide_password=False)

    @contextmanager
    def _server(self) -> Iterator[sa.Connection]:
        engine = sa.create_engine(self.postgres_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            yield connection

    def drop(self, engine: Engine) -> None:
        """Close an instance and take its database away."""
        engine.close()
        name = sa.make_url(engine.settings.database_url).database
        if engine.database.dialect == "postgresql" and name in self._made:
            with self._server() as server:
                server.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            self._made.remove(name)

    def drop_all(self) -> None:
        """Take away all databases that were made on a server."""
        for name in self._made:
            with self._server() as server:
                server.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def read_bundles(*folders: Path) -> dict[str, dict[str, str]]:
    """Read folders of bundles as layers."""
    return bundles.read_layers(folders)
