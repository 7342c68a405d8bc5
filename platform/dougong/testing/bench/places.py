"""databases and instances of the bench's own, taken away afterwards"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from dougong import engine as engines
from dougong.base import settings as settings_module
from dougong.base.names import new_id
from dougong.base.settings import Settings, make_secret_key
from dougong.testing.bench import load
from dougong.testing.bench.load import People, Place


@dataclass(frozen=True)
class Both:
    """Where both sides are, loaded."""

    database: str
    rows: int
    settings: Settings
    people: People
    floor_url: str


@contextmanager
def database(sort: str, folder: Path) -> Iterator[str]:
    """Give the address of a database of its own."""
    if sort == "sqlite":
        yield f"sqlite:///{folder / new_id()}.db"
        return
    url = sa.make_url(settings_module.read().test_postgres_url)
    name = f"dougong_bench_{new_id().replace('-', '')[-12:]}"
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with server.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def loaded(
    sort: str,
    rows: int,
    *,
    with_floor: bool = True,
    extra: Sequence[str] = (),
    place: Callable[[People], Place] | None = None,
) -> Iterator[Both]:
    """Make both sides with these many customers."""
    folder = Path(tempfile.mkdtemp(prefix="dougong-bench-"))
    try:
        with database(sort, folder) as url, database(sort, folder) as floor_url:
            definitions = settings_module.default_folder("metadata")
            settings = Settings(home=folder / "home", database_url=url, definitions=definitions, tripwire="log")
            settings.home.mkdir()
            make_secret_key(settings)
            engine = engines.assemble(settings)
            people = load.fill(engine, rows, extra=extra, place=place)
            engine.close()
            if with_floor:
                load.fill_floor(floor_url, rows)
            yield Both(sort, rows, settings, people, floor_url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
