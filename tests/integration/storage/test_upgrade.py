"""the platform's own tables of an older version, brought up to this one"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from dougong.engine import open_engine
from dougong.features.bundles import health
from dougong.storage import platform_tables, upgrade
from dougong.storage.database import Database
from dougong.storage.upgrade import TablesLag

HERE = Path(__file__).parent


@pytest.fixture
def database(database_url):
    found = Database(database_url)
    yield found
    found.close()


@pytest.fixture
def first(database):
    """A database with the platform's tables as the first version made them."""
    text = (HERE / f"first_platform_tables_{database.dialect}.sql").read_text(encoding="utf-8")
    with database.open(write=True) as connection:
        for statement in text.split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    return database


def shape(connection):
    """Say what tables there are, whatever the order of their columns."""
    inspector = sa.inspect(connection)
    return {
        name: (
            sorted(
                (each["name"], str(each["type"]), each["nullable"], str(each["default"]))
                for each in inspector.get_columns(name)
            ),
            sorted(str(each["name"]) for each in inspector.get_indexes(name)),
        )
        for name in inspector.get_table_names()
    }


def test_first_version_becomes_as_a_new_one(first, tmp_path):
    assert upgrade.upgrade(first)
    with first.open(write=False) as connection:
        grown = shape(connection)
        assert upgrade.missing(connection) == []
        assert upgrade.is_current(connection)
    with first.open(write=True) as connection:
        platform_tables.metadata.drop_all(connection)
    upgrade.upgrade(first)
    with first.open(write=False) as connection:
        assert shape(connection) == grown


def test_upgrade_keeps_rows_and_says_what_it_added(first):
    with first.open(write=True) as connection:
        connection.execute(
            sa.insert(platform_tables.instance_setting).values(name="demo", value="1"),
        )
    added = upgrade.upgrade(first)
    assert "column dougong_applied_plan.undoes" in added
    assert "table dougong_sign_in_address" in added
    assert upgrade.upgrade(first) == []
    with first.open(write=False) as connection:
        found = {row.name: row.value for row in connection.execute(sa.select(platform_tables.instance_setting))}
    assert found["demo"] == "1"


def test_missing_index_is_added(database):
    upgrade.upgrade(database)
    with database.open(write=True) as connection:
        connection.exec_driver_sql("DROP INDEX ix_dougong_outbox_open")
        assert upgrade.missing(connection) == ["index ix_dougong_outbox_open"]
    assert upgrade.upgrade(database) == ["index ix_dougong_outbox_open"]


def test_several_at_once_add_everything_once(first):
    databases = [Database(first.url) for _ in range(4)]
    try:
        with ThreadPoolExecutor(4) as pool:
            added = list(pool.map(upgrade.upgrade, databases))
    finally:
        for each in databases:
            each.close()
    assert sum(bool(each) for each in added) == 1
    with first.open(write=False) as connection:
        assert upgrade.missing(connection) == []


def test_failed_upgrade_leaves_nothing(database):
    wanted = sa.MetaData()
    sa.Table("dougong_one", wanted, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table("dougong_two", wanted, sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Text))
    with database.open(write=True) as connection:
        connection.exec_driver_sql("CREATE TABLE dougong_two (id INTEGER PRIMARY KEY)")
    wanted.tables["dougong_two"].append_column(sa.Column("y", sa.Text, nullable=False))

    def fail():
        with database.open(write=True) as connection:
            upgrade.add(connection, wanted)

    with pytest.raises(RuntimeError, match=r"dougong_two\.y must be nullable or have a server_default"):
        fail()
    with database.open(write=False) as connection:
        assert set(sa.inspect(connection).get_table_names()) == {"dougong_two"}


@pytest.mark.parametrize("how", ["primary_key", "unique"])
def test_new_key_is_refused(how):
    table = sa.Table("t", sa.MetaData(), sa.Column("x", sa.Text, server_default="", **{how: True}))
    with pytest.raises(RuntimeError, match="cannot be a key or unique"):
        upgrade._refuse_impossible(table.c.x)


def test_instance_of_an_older_version_is_brought_up_when_it_is_opened(make_engine, settings):
    engine = make_engine()
    with engine.database.open(write=True) as connection:
        connection.exec_driver_sql("ALTER TABLE dougong_applied_plan DROP COLUMN undoes")
        connection.exec_driver_sql("DELETE FROM dougong_instance_setting WHERE name = 'platform_tables'")
    with pytest.raises(TablesLag, match=r"column dougong_applied_plan\.undoes"):
        open_engine(settings, upgrades=False)
    opened = open_engine(settings)
    try:
        assert all(check.is_well for check in health.checks(opened))
    finally:
        opened.close()
    open_engine(settings, upgrades=False).close()


def test_opening_a_current_instance_asks_for_one_row(make_engine, settings, monkeypatch):
    make_engine()
    monkeypatch.setattr(upgrade, "upgrade", None)
    open_engine(settings).close()
