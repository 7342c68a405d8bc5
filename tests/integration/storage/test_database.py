"""transactions, and the tripwire"""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from dougong.base.errors import BadRequest
from dougong.base.names import new_id
from dougong.base.settings import without_password
from dougong.storage import platform_tables, tables, upgrade
from dougong.storage.database import GATE, AroundTheGate, Database, Unreachable
from tests.integration.storage.bundles import bundle, fields


@pytest.fixture
def database(database_url):
    found = Database(database_url)
    yield found
    found.close()


def test_whole_transaction_goes_back_tables_too(database):
    def fail():
        with database.open(write=True) as connection:
            upgrade.add(connection)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with database.open(write=False) as connection:
        assert not platform_tables.exist(connection)


def test_foreign_keys_are_on(database):
    with database.open(write=True) as connection:
        connection.exec_driver_sql("CREATE TABLE p (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TABLE c (p INTEGER REFERENCES p (id))")
    with pytest.raises(sa.exc.IntegrityError), database.open(write=True) as connection:
        connection.exec_driver_sql("INSERT INTO c VALUES (1)")


def statements(table):
    return [
        sa.select(table.c.id),
        sa.select(sa.func.count()).select_from(table),
        sa.select(platform_tables.change.c.id).where(platform_tables.change.c.reason.in_(sa.select(table.c.title))),
        sa.insert(table).values(id=new_id(), title="x"),
        sa.update(table).values(title="x"),
        sa.delete(table),
        sa.text("SELECT title FROM d_note"),
    ]


def test_tripwire_refuses_what_goes_around_the_gate(make_engine):
    engine = make_engine(notes=bundle(note=fields("name: title, type: text")))
    table = tables.of(engine.database, engine.catalog(), "note")
    for each in (table.table, table.history):
        for statement in statements(each):
            with pytest.raises(AroundTheGate), engine.database.open(write=True) as connection:
                connection.execute(statement)
    with engine.database.open(write=True) as connection:
        gated = connection.execution_options(**GATE)
        assert gated.execute(statements(table.table)[1]).scalar() == 0
        assert connection.execute(sa.select(platform_tables.change.c.id)).all() is not None


def test_database_that_does_not_answer_is_said_plainly(tmp_path):
    with (
        pytest.raises(Unreachable, match="cannot be reached"),
        Database(f"sqlite:///{tmp_path}/no/x.db").open(write=False),
    ):
        pass
    with pytest.raises(BadRequest, match="mysql"):
        Database("mysql://x/y")
    assert without_password("sqlite:///x") == "sqlite:///x"
