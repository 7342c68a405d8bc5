"""the platform's own tables brought up to this version: what is missing is added, and nothing is dropped

There are no migration scripts: what `platform_tables` declares is held against what the database has. A row of
`instance_setting` says which declaration was last held against it, so that a start costs one short statement.
"""

from __future__ import annotations

import hashlib
import logging
import random
import time
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

from dougong.base.errors import DougongError
from dougong.base.text import Message
from dougong.storage.database import Database, is_busy
from dougong.storage.platform_tables import instance_setting, metadata

UPGRADE_LOCK = 0x446F7569
"""Held on PostgreSQL by the one process that adds; SQLite lets only one write anyway."""
VERSION = "platform_tables"
"""The row of `instance_setting` that names the declaration these tables were last held against."""
LOCK_MILLISECONDS = 2000
TRIES = 10

log = logging.getLogger(__name__)

Part = sa.Table | sa.Column[object] | sa.Index


class TablesLag(DougongError):
    """The platform's tables lack what this version needs; `missing` names it."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__(
            Message(
                "The platform's tables are those of an older version: {missing}.",
                code="tables_lag",
                missing=", ".join(missing),
            )
        )


def upgrade(database: Database) -> list[str]:
    """Add what the platform's tables lack, and name it. One transaction; safe to do again, and by several at once."""
    for attempt in range(TRIES):
        try:
            return _once(database)
        except sa.exc.DBAPIError as error:
            # A table that is long in use is tried again, so that nobody queues behind us meanwhile.
            if not is_busy(error) or attempt == TRIES - 1:
                raise
        time.sleep(0.5 + random.random())  # noqa: S311 -- so that two do not keep step
    raise AssertionError("unreachable")


def is_current(connection: sa.Connection) -> bool:
    """Whether these tables were held against this version's declaration; asks for one row of a table that is there."""
    found = connection.execute(sa.select(instance_setting.c.value).where(instance_setting.c.name == VERSION)).scalar()
    return found == version(connection.dialect)


def missing(connection: sa.Connection) -> list[str]:
    """Name the tables, columns and indexes that the database lacks. Looks at the tables themselves."""
    return [_said(part) for part in _missing(connection, metadata)]


def version(dialect: sa.Dialect) -> str:
    """Name this version's declaration by its content."""
    said = []
    for table in metadata.sorted_tables:
        said.append(str(CreateTable(table).compile(dialect=dialect)))
        said += sorted(str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def add(connection: sa.Connection, wanted: sa.MetaData = metadata) -> list[str]:
    """Add what is missing, in the caller's transaction, and name it."""
    added = []
    for part in list(_missing(connection, wanted)):
        _add(connection, part)
        added.append(_said(part))
    return added


def _once(database: Database) -> list[str]:
    with database.open(write=True) as connection:
        if database.dialect == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_MILLISECONDS}ms'")
        added = add(connection)
        _note(connection)
    if added:
        log.info("the platform's tables were brought up to this version: %s", ", ".join(added))
    return added


def _note(connection: sa.Connection) -> None:
    table, value = instance_setting, version(connection.dialect)
    changed = connection.execute(sa.update(table).where(table.c.name == VERSION).values(value=value))
    if changed.rowcount == 0:
        connection.execute(sa.insert(table).values(name=VERSION, value=value))


def _missing(connection: sa.Connection, wanted: sa.MetaData) -> Iterator[Part]:
    inspector = sa.inspect(connection)
    names = [table.name for table in wanted.sorted_tables]
    columns = inspector.get_multi_columns(filter_names=names)
    indexes = _indexes(connection)
    for table in wanted.sorted_tables:
        there = {column["name"] for column in columns.get((None, table.name), ())}
        if not there:
            yield table
            continue
        yield from (column for column in table.columns if column.name not in there)
        yield from sorted((each for each in table.indexes if each.name not in indexes), key=lambda each: str(each.name))


def _indexes(connection: sa.Connection) -> set[str]:
    """Name every index. SQLAlchemy's inspector leaves out those with expressions in them."""
    if connection.dialect.name == "sqlite":
        said = "SELECT name FROM sqlite_master WHERE type = 'index'"
    else:
        said = "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"
    return set(connection.exec_driver_sql(said).scalars())


def _add(connection: sa.Connection, part: Part) -> None:
    match part:
        case sa.Table():
            part.create(connection)
        case sa.Index():
            part.create(connection)
        case sa.Column():
            _refuse_impossible(part)
            table = connection.dialect.identifier_preparer.format_table(part.table)
            column = CreateColumn(part).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column}")


def _refuse_impossible(column: sa.Column[object]) -> None:
    """Refuse a declaration that no table with rows in it can follow: a mistake of ours."""
    if not column.nullable and column.server_default is None:
        raise RuntimeError(f"the new column {column!s} must be nullable or have a server_default")
    if column.primary_key or column.unique or column.foreign_keys:
        raise RuntimeError(f"the new column {column!s} cannot be a key or unique; declare an index instead")


def _said(part: Part) -> str:
    match part:
        case sa.Table():
            return f"table {part.name}"
        case sa.Index():
            return f"index {part.name}"
        case _:
            return f"column {part!s}"
