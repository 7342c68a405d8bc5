"""engine, transactions, and the tripwire for statements that go around the gate"""

from __future__ import annotations

import logging
import math
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Literal, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.sql import visitors

from dougong.base.errors import BadRequest, DougongError
from dougong.base.text import Message
from dougong.expressions import sqlite_functions
from dougong.storage.object_table import ObjectTable

T = TypeVar("T")

GATE: Mapping[str, Any] = MappingProxyType({"dougong_gate": True})
"""The execution options that let a statement touch business tables: `connection.execution_options(**GATE)`."""

OBJECT = "dougong_object"
"""The key in `Table.info` that says whose table it is."""

Tripwire = Literal["refuse", "log", "off"]

PUBLISH_LOCK = 0x446F7568
"""Held shared by every writer on PostgreSQL and alone by whoever publishes, so that nobody writes with a catalog that
has just been replaced."""

_BEGIN = "dougong_begin"
"""The execution option that says how a transaction of this connection begins; without it, one that may write."""
_READING, _WRITING, _PUBLISHING = "reading", "writing", "publishing"
_BEGIN_POSTGRESQL = {
    _READING: "",
    _WRITING: f"BEGIN; SELECT pg_advisory_xact_lock_shared({PUBLISH_LOCK})",
    _PUBLISHING: "BEGIN",
}
_UNASKED_SECONDS = 5
"""A connection to PostgreSQL that was idle for longer is asked whether it still lives before it is used."""
_BUSINESS_NAME = re.compile(r"\bd_[a-z][a-z0-9_]*", re.IGNORECASE)
_STALE_PLAN = "cached plan must not change result type"
_BUSY_SECONDS = 10
_ASK_AGAIN = 0.0005
_BUSY_STATES = ("40001", "40P01", "55P03")
"""PostgreSQL: serialization failure, deadlock, lock not available."""

log = logging.getLogger(__name__)


class AroundTheGate(RuntimeError):
    """A statement on a business table that does not come from the gate: a bug of ours, never a person's mistake."""


class Unreachable(DougongError):
    """The database does not answer, or does not let us in."""

    def __init__(self, why: str) -> None:
        super().__init__(Message("The database cannot be reached: {why}", why=why, code="database_unreachable"))


class Database:
    """One installation's database. Made once for each engine; several may live in one process."""

    def __init__(
        self,
        url: str,
        *,
        tripwire: Tripwire = "refuse",
        pool_size: int = 10,
        max_overflow: int = 20,
    ) -> None:
        self.url = url
        self.dialect: Literal["sqlite", "postgresql"] = _dialect(url)
        self.tripwire: Tripwire = tripwire
        self.tables: dict[str, ObjectTable] = {}
        """Tables of objects by the digest of their shape; a new catalog keeps the unchanged ones, and with them
        the compiled statements."""
        self.lock = threading.Lock()
        """Held while a table is built."""
        options = _sqlite_options() if self.dialect == "sqlite" else _postgresql_options()
        self.engine = sa.create_engine(
            url,
            pool_size=pool_size,
            max_overflow=max_overflow,
            query_cache_size=2000,
            # What people entered does not belong into messages that end up in the log.
            hide_parameters=True,
            **options,
        )
        self._sent = threading.local()
        if self.dialect == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine, "begin", _begin_postgresql)
            event.listen(self.engine, "checkin", _note_return)
            event.listen(self.engine, "checkout", _refuse_dead)
        event.listen(self.engine, "before_execute", self._watch)
        event.listen(self.engine, "before_cursor_execute", self._count)

    @contextmanager
    def open(self, *, write: bool, is_publishing: bool = False) -> Iterator[sa.Connection]:
        """Open one transaction: committed at the end, rolled back on any exception.

        On SQLite a writer takes the write lock at once, so that it never has to give up half-way. On PostgreSQL
        writers work beside each other, but not beside one who publishes a catalog. There a reader has no transaction:
        at its level, read committed, each statement sees what is committed when it begins, within one or without; so
        it need not pay for the two round trips.
        """
        way = _PUBLISHING if is_publishing else _WRITING if write else _READING
        with self._connected() as connection:
            connection = connection.execution_options(**{_BEGIN: way})
            with connection.begin():
                yield connection

    @contextmanager
    def autocommit(self) -> Iterator[sa.Connection]:
        """Open a connection without a transaction, for what PostgreSQL does only outside of one."""
        with self._connected() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def run(self, work: Callable[[sa.Connection], T], *, write: bool) -> T:
        """Do work in one transaction; once again if a prepared statement outlived a change of its table."""
        try:
            with self.open(write=write) as connection:
                return work(connection)
        except sa.exc.DBAPIError as error:
            if not is_stale_plan(error):
                raise
        with self.open(write=write) as connection:
            return work(connection)

    def _connected(self) -> sa.Connection:
        try:
            return self.engine.connect()
        except sa.exc.DBAPIError as error:
            raise unreachable(error.orig) from error

    def forget_connections(self) -> None:
        """Let go of pooled connections without closing them: a forked process must not share its parent's."""
        self.engine.dispose(close=False)

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()

    @property
    def sent(self) -> int:
        """How many statements this thread has sent so far; what begins and ends transactions is none."""
        found: int = getattr(self._sent, "number", 0)
        return found

    def _count(self, connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        if not statement.startswith("BEGIN"):
            self._sent.number = getattr(self._sent, "number", 0) + 1

    def _watch(
        self, connection: sa.Connection, statement: Any, many: Any, parameters: Any, options: Mapping[str, Any]
    ) -> None:
        if (
            self.tripwire == "off"
            or options.get("dougong_gate")
            or connection.get_execution_options().get("dougong_gate")
        ):
            return
        touched = _touched(statement)
        if not touched:
            return
        said = f"a statement touches {touched!r} without coming through the gate: {str(statement)[:200]}"
        if self.tripwire == "refuse":
            raise AroundTheGate(said)
        log.error(said)


def unreachable(error: object) -> Unreachable:
    """Say what the driver says, in one line."""
    return Unreachable((str(error).strip() or "no answer").splitlines()[0])


def is_stale_plan(error: BaseException) -> bool:
    """Whether PostgreSQL refused a prepared statement because its table had changed; a second try succeeds."""
    return isinstance(error, sa.exc.DBAPIError) and _STALE_PLAN in str(error.orig)


def is_busy(error: BaseException) -> bool:
    """Whether others held the database for too long, or two held what the other wanted: a later try may succeed."""
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    return getattr(error.orig, "sqlstate", None) in _BUSY_STATES or "database is locked" in str(error.orig)


def _touched(statement: Any) -> str | None:
    """Name a business table that a statement touches, if any."""
    if isinstance(statement, sa.TextClause):
        found = _BUSINESS_NAME.search(str(statement))
        return found.group() if found else None
    if not isinstance(statement, sa.sql.ClauseElement):
        return None
    for element in visitors.iterate(statement):
        table = getattr(element, "table", None) if isinstance(element, sa.ColumnClause) else element
        if isinstance(table, sa.Table) and OBJECT in table.info:
            return table.name
    target = getattr(statement, "table", None)
    return target.name if isinstance(target, sa.Table) and OBJECT in target.info else None


def _dialect(url: str) -> Literal["sqlite", "postgresql"]:
    name = make_url(url).get_backend_name()
    match name:
        case "sqlite":
            return "sqlite"
        case "postgresql":
            return "postgresql"
        case _:
            raise BadRequest(
                Message("'{name}' is not a database we know; use sqlite:///… or postgresql+psycopg://…", name=name)
            )


def _sqlite_options() -> dict[str, Any]:
    return {"connect_args": {"timeout": _BUSY_SECONDS, "check_same_thread": False}, "poolclass": sa.pool.QueuePool}


def _postgresql_options() -> dict[str, Any]:
    # The driver commits by itself, and `_begin_postgresql` says BEGIN: together with the first thing to say.
    arguments = {"options": "-c TimeZone=UTC", "connect_timeout": 10}
    return {"connect_args": arguments, "isolation_level": "AUTOCOMMIT"}


def _prepare_sqlite(dbapi: Any, record: Any) -> None:
    """Take `BEGIN` over from the driver, whose own way lets a CREATE TABLE survive a rollback."""
    dbapi.isolation_level = None
    for pragma in (
        "journal_mode=wal",
        "foreign_keys=on",
        "synchronous=normal",
        "temp_store=memory",
        "cache_size=-8000",
    ):
        dbapi.execute(f"pragma {pragma}")
    sqlite_functions.register(dbapi)


def _begin_sqlite(connection: sa.Connection) -> None:
    if connection.get_execution_options().get(_BEGIN) == _READING:
        connection.exec_driver_sql("BEGIN")
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        if not _got_turn(driver, connection.dialect.loaded_dbapi.OperationalError):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")


def _got_turn(driver: Any, refused: type[Exception]) -> bool:
    """Wait for the write lock, asking again and again after half a millisecond.

    SQLite's own way sleeps longer each time it is refused, up to a tenth of a second: who came last goes first, and
    somebody waits very long.
    """
    until = time.monotonic() + _BUSY_SECONDS
    while time.monotonic() < until:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except refused as error:
            if getattr(error, "sqlite_errorname", "") != "SQLITE_BUSY":
                return False
            time.sleep(_ASK_AGAIN * (0.5 + random.random()))  # noqa: S311 -- so that two do not keep step
        else:
            return True
    return False


def _begin_postgresql(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    usual = _READING if options.get("isolation_level") == "AUTOCOMMIT" else _PUBLISHING
    statement = _BEGIN_POSTGRESQL[options.get(_BEGIN, usual)]
    if statement:
        driver: Any = connection.connection.driver_connection
        try:
            # Two statements in one message cannot be prepared.
            driver.execute(statement, prepare=False)
        except connection.dialect.loaded_dbapi.OperationalError as error:
            connection.invalidate(error)
            raise unreachable(error) from error


def _note_return(dbapi: Any, record: Any) -> None:
    record.info["returned"] = time.monotonic()


def _refuse_dead(dbapi: Any, record: Any, proxy: Any) -> None:
    """Let the pool make a new connection where PostgreSQL was restarted meanwhile."""
    if time.monotonic() - record.info.get("returned", math.inf) <= _UNASKED_SECONDS:
        return
    try:
        dbapi.execute("")
    except Exception as error:
        raise sa.exc.DisconnectionError from error
