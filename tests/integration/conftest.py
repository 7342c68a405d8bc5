"""an empty database of each sort, and instances in it"""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from dougong.base import settings as settings_module
from dougong.base.clock import FixedClock
from dougong.base.settings import Settings
from dougong.engine import Engine, assemble
from dougong.features.bundles import instance, service

SYSTEM = settings_module.default_folder("metadata") / "system"
MakeEngine = Callable[..., Engine]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs a database on SQLite and PostgreSQL; what is marked `postgres`, only there."""
    if "database_sort" in metafunc.fixturenames:
        sorts = [] if metafunc.definition.get_closest_marker("postgres") else ["sqlite"]
        every = [*sorts, pytest.param("postgresql", marks=pytest.mark.postgres)]
        metafunc.parametrize("database_sort", every, scope="session")


@pytest.fixture
def database_url(database_sort: str, tmp_path: Path) -> Iterator[str]:
    """Give the address of a fresh, empty database."""
    if database_sort == "sqlite":
        yield f"sqlite:///{tmp_path / 'dougong.db'}"
        return
    yield from postgresql_database()


def postgresql_database() -> Iterator[str]:
    """Make a database of its own on the PostgreSQL server of the tests, and drop it afterwards."""
    server = os.environ.get("DOUGONG_TEST_POSTGRES_URL")
    if not server:
        if os.environ.get("CI") == "1":
            pytest.fail("DOUGONG_TEST_POSTGRES_URL is not set, and CI=1 wants the tests on PostgreSQL")
        pytest.skip("DOUGONG_TEST_POSTGRES_URL is not set")
    url = sa.make_url(server)
    name = f"dougong_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{uuid.uuid4().hex[:10]}"
    engine = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        engine.dispose()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Give the settings of an instance in a fresh database."""
    return settings_module.read(
        {
            "DOUGONG_HOME": str(tmp_path / "home"),
            "DOUGONG_DATABASE_URL": database_url,
            "DOUGONG_SECRET_KEY": "for tests only, long enough",
            "DOUGONG_TRIPWIRE": "refuse",
            "DOUGONG_LOCALE": "en",
            "DOUGONG_TIMEZONE": "Asia/Shanghai",
        }
    )


@pytest.fixture
def clock() -> FixedClock:
    """Give a clock that stands until a test moves it."""
    return FixedClock(dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC))


@pytest.fixture
def make_engine(settings: Settings, clock: FixedClock) -> Iterator[MakeEngine]:
    """Give a function that opens an instance with the system bundle and the given bundles.

    `make_engine(Path("…/shop"), notes={"bundle.yaml": "…"})` takes folders, and bundles as texts by path.
    """
    opened: list[Engine] = []

    def make(*folders: Path, **layers: Mapping[str, str]) -> Engine:
        engine = assemble(settings, clock=clock)
        opened.append(engine)
        instance.prepare(engine, {**service.read_layers([SYSTEM, *folders]), **layers})
        return engine

    yield make
    for engine in opened:
        engine.close()
