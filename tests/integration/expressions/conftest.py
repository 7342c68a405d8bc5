"""one database for all tests of expressions, filled once"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from dougong.expressions.sqlite_functions import register
from tests.integration.conftest import postgresql_database
from tests.integration.expressions.tables import METADATA, TABLES, make_rows


@pytest.fixture(scope="session")
def connection(database_sort: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Connection]:
    """Give a connection to a database that holds the world."""
    addresses = postgresql_database() if database_sort == "postgresql" else _sqlite(tmp_path_factory.mktemp("world"))
    for address in addresses:
        engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
        if database_sort == "sqlite":
            sa.event.listen(engine, "connect", lambda dbapi, record: register(dbapi))
        with engine.connect() as opened:
            METADATA.create_all(opened)
            for name, rows in make_rows().items():
                opened.execute(sa.insert(TABLES[name]), rows)
            yield opened
        engine.dispose()


def _sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'world.db'}"
