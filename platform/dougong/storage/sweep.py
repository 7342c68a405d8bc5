"""drop what was kept aside long enough, or everything"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from dougong.base.clock import Clock
from dougong.base.errors import Conflict
from dougong.storage import apply as applying
from dougong.storage import installed, platform_tables, shapes
from dougong.storage.database import GATE, Database, is_busy
from dougong.storage.ddl import Ddl
from dougong.storage.platform_tables import installed_name

KEPT_FOR = dt.timedelta(days=30)


def sweep(database: Database, clock: Clock) -> int:
    """Drop what was kept aside for 30 days; give how many fields and objects that were.

    While someone applies, or tables are busy, nothing is dropped; the next apply sweeps again.
    """
    moment = clock.now() - KEPT_FOR
    with database.open(write=False) as connection:
        if not installed.retired_before(connection, moment):
            return 0
    if database.dialect == "sqlite":
        with database.open(write=True) as connection:
            return _drop_retired(connection, moment)
    swept = 0

    def drop(connection: sa.Connection) -> None:
        nonlocal swept
        # A plan that was interrupted may want something back.
        swept = 0 if applying.unfinished(connection) else _drop_retired(connection, moment)

    try:
        with applying.only_one(database, wait=0):
            applying.patiently(database, drop)
    except Conflict:
        return 0
    except sa.exc.DBAPIError as error:
        if not is_busy(error):
            raise
        return 0
    return swept


def _drop_retired(connection: sa.Connection, moment: dt.datetime) -> int:
    swept = 0
    connection = connection.execution_options(**GATE)
    old = {identity for identity, _ in installed.retired_before(connection, moment)}
    there = installed.read(connection)
    ddl = Ddl(connection)
    for each in there.aside:
        if each.id in old and _may_drop_table(connection, each.physical):
            ddl.run(f"DROP TABLE {ddl.quote(each.physical + shapes.HISTORY)}")
            ddl.run(f"DROP TABLE {ddl.quote(each.physical)}")
            _forget(connection, each.id)
            swept += 1
    for each in there.objects.values():
        for one in each.aside:
            if one.id in old:
                _drop_columns(ddl, each.physical, one)
                _forget(connection, one.id)
                swept += 1
    return swept


def _drop_columns(ddl: Ddl, table: str, gone: installed.StoredField) -> None:
    for column in gone.columns:
        for each in (table, table + shapes.HISTORY):
            # SQLite cannot drop a column that has a foreign key: it is empty, and stays.
            if ddl.is_sqlite and column.references and each == table:
                ddl.forget_kept(table, column.name)
            else:
                ddl.run(f"ALTER TABLE {ddl.quote(each)} DROP COLUMN {ddl.quote(column.name)}")


def _may_drop_table(connection: sa.Connection, table: str) -> bool:
    """On SQLite a table stays as long as another one's kept column refers to it."""
    if connection.dialect.name != "sqlite":
        return True
    names = sa.inspect(connection).get_table_names()
    quote = connection.dialect.identifier_preparer.quote_identifier
    return not any(
        row[2] == table
        for name in names
        if name != table
        for row in connection.exec_driver_sql(f"PRAGMA foreign_key_list({quote(name)})")
    )


def _forget(connection: sa.Connection, identity: str) -> None:
    table = installed_name
    connection.execute(sa.delete(table).where(sa.or_(table.c.id == identity, table.c.object == identity)))


def drop_everything(connection: sa.Connection) -> None:
    """Drop every table of ours, with all that is in them."""
    if not platform_tables.exist(connection):
        return
    ddl = Ddl(connection)
    there = installed.read(connection)
    names = [each.physical for each in (*there.objects.values(), *there.aside)]
    if ddl.is_sqlite:
        # Dropping a table deletes its rows first, and others may still point to them.
        ddl.run("PRAGMA defer_foreign_keys = ON")
    cascade = "" if ddl.is_sqlite else " CASCADE"
    for name in names:
        ddl.run(f"DROP TABLE IF EXISTS {ddl.quote(name + shapes.HISTORY)}")
        ddl.run(f"DROP TABLE IF EXISTS {ddl.quote(name)}{cascade}")
    platform_tables.metadata.drop_all(connection)
