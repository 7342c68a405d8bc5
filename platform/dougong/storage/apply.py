"""carry out a plan, step by step

On SQLite everything is one transaction. On PostgreSQL each step is a short transaction of its own, noted in the
journal (`plan_step`) together with what it did, then one publishes the catalog, then what had to wait follows. A
killed apply goes on behind its last step; one that fails goes back.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, assert_never

import sqlalchemy as sa

from dougong.base.clock import Clock
from dougong.base.errors import Conflict
from dougong.base.names import new_id
from dougong.base.sql_types import Key
from dougong.base.text import Message
from dougong.catalog.model import Catalog
from dougong.storage import installed
from dougong.storage import plan as plans
from dougong.storage.compute import Computation
from dougong.storage.convert import Backfill, Conversion
from dougong.storage.database import GATE, PUBLISH_LOCK, Database
from dougong.storage.ddl import Ddl, clash
from dougong.storage.plan import (
    AddColumn,
    AddForeignKey,
    AddIndex,
    BackfillColumn,
    ComputeColumn,
    ConvertColumn,
    CreateTable,
    DropIndex,
    NewColumn,
    Plan,
    RenameField,
    RenameObject,
    RetireColumn,
    RetireTable,
    ReviveColumn,
    ReviveTable,
    Step,
)
from dougong.storage.platform_tables import applied_plan, catalog_state, definition_file, installed_name, plan_step

log = logging.getLogger(__name__)

APPLY_LOCK = 0x446F7567
LOCK_MILLISECONDS = 300
TRIES = 40
LONGEST_PAUSE = 1.0
CLOCKS_MAY_DIFFER = 5
"""Minutes."""

_BUSY = frozenset({"55P03", "40P01"})
"""Lock not available, deadlock: worth another try."""


@dataclass(frozen=True)
class Work:
    """One apply: its plan, the catalogs on both sides, and where it is noted."""

    database: Database
    plan: Plan
    before: Catalog | None
    after: Catalog
    clock: Clock
    id: str
    by: str
    reason: str | None = None


@dataclass(frozen=True)
class Unfinished:
    """A plan that was begun and not ended."""

    id: str
    plan: Plan
    by: str
    reason: str | None
    is_published: bool


def begin(
    database: Database, plan: Plan, before: Catalog | None, after: Catalog, *, clock: Clock, by: str, reason: str | None
) -> str:
    """Carry out a plan from its beginning and give the id under which it stands in the history."""
    work = Work(database, plan, before, after, clock, new_id(), by, reason)
    if database.dialect == "sqlite":
        with database.open(write=True) as connection:
            _refuse_stale(connection, plan)
            _refuse_swept(connection, plan)
            _note_plan(connection, work, "done")
            for step in plan.steps:
                carry_out(connection, work, step)
            publish(connection, work)
        return work.id
    with only_one(database):
        with database.open(write=True) as connection:
            _refuse_stale(connection, plan)
            _refuse_swept(connection, plan)
            _refuse_second(connection)
            _note_plan(connection, work, "running")
        _journaled(work, is_published=False)
    return work.id


def resume(work: Work, *, is_published: bool) -> None:
    """Go on with a plan that was interrupted. The caller holds the lock (`only_one`)."""
    _journaled(work, is_published=is_published)


def unfinished(connection: sa.Connection) -> Unfinished | None:
    """Find the plan that was begun and not ended."""
    table = applied_plan
    row = connection.execute(sa.select(table).where(table.c.status.in_(("running", "published")))).first()
    if row is None:
        return None
    return Unfinished(row.id, plans.from_data(json.loads(row.body)), row.by, row.reason, row.status == "published")


@contextmanager
def only_one(database: Database, *, wait: float = 30.0) -> Iterator[None]:
    """Let one apply at a time work on a PostgreSQL database. A killed process lets go by itself."""
    with database.autocommit() as connection:
        deadline = time.monotonic() + wait
        while not connection.execute(sa.select(sa.func.pg_try_advisory_lock(APPLY_LOCK))).scalar():
            if time.monotonic() >= deadline:
                raise Conflict(
                    Message("Someone else is applying definitions. Try again in a moment.", code="apply_busy")
                )
            time.sleep(0.05)
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(APPLY_LOCK)))


def carry_out(connection: sa.Connection, work: Work, step: Step) -> None:  # noqa: C901 -- one case for each step
    """Do one step in the connection's transaction. Doing it twice does no harm."""
    ddl = Ddl(connection)
    match step:
        case CreateTable():
            ddl.create_table(step)
        case AddColumn(table=table, history=history, column=column):
            ddl.add_column(table, column)
            ddl.add_column(history, NewColumn(column.name, column.type))
        case ConvertColumn() | BackfillColumn():
            _fill(connection, work, step)
        case ComputeColumn():
            _compute(connection, _computation(work, step))
        case RetireColumn(table=table, lookups=lookups):
            ddl.let_go(table, lookups)
        case ReviveColumn(table=table, lookups=lookups):
            ddl.hold_again(table, lookups)
        case RetireTable(table=table, lookups=lookups):
            ddl.let_go(table, lookups)
        case AddIndex():
            ddl.add_index(step)
        case DropIndex(name=name):
            ddl.run(f"DROP INDEX IF EXISTS {ddl.quote(name)}")
        case AddForeignKey():
            ddl.add_foreign_key(step)
        case ReviveTable() | RenameObject() | RenameField():
            pass
        case _:
            assert_never(step)


def take_back(connection: sa.Connection, step: Step) -> None:
    """Undo a step of a plan that failed; only what was added is there to undo."""
    ddl = Ddl(connection)
    match step:
        case CreateTable(table=table, history=history):
            ddl.run(f"DROP TABLE IF EXISTS {ddl.quote(history)}")
            ddl.run(f"DROP TABLE IF EXISTS {ddl.quote(table)} CASCADE")
        case AddColumn(table=table, history=history, column=column):
            for each in (table, history):
                ddl.run(f"ALTER TABLE {ddl.quote(each)} DROP COLUMN IF EXISTS {ddl.quote(column.name)}")
        case AddIndex(name=name):
            ddl.run(f"DROP INDEX IF EXISTS {ddl.quote(name)}")
        case AddForeignKey(table=table, name=name):
            ddl.run(f"ALTER TABLE {ddl.quote(table)} DROP CONSTRAINT IF EXISTS {ddl.quote(name)}")
        case _:
            pass


def _fill(connection: sa.Connection, work: Work, step: ConvertColumn | BackfillColumn) -> None:
    """Fill new columns in live rows and in their history."""
    conversion = _conversion(work, step)
    for table, key in ((step.table, "id"), (step.history, "n")):
        last = conversion.carry_out(connection, table, key)
        while last is not None:
            last = conversion.carry_out(connection, table, key, after=last)


def _compute(connection: sa.Connection, computation: Computation, *, since: str | None = None) -> None:
    """Compute a stored formula for all live rows in the connection's transaction."""
    last = computation.carry_out(connection, since=since)
    while last is not None:
        last = computation.carry_out(connection, after=last, since=since)


def _computation(work: Work, step: ComputeColumn) -> Computation:
    return Computation(work.after, step.object, step.field, step.zone)


def _conversion(work: Work, step: ConvertColumn | BackfillColumn) -> Conversion:
    if work.before is None:
        raise RuntimeError("nothing can be converted on an empty database")
    was = work.before.object(step.was_object).field(step.was_field)
    now = work.after.object(step.object).field(step.field)
    match step:
        case ConvertColumn():
            return Conversion(was, now, step.was_columns, step.columns)
        case BackfillColumn():
            return Backfill(was, now, step.was_columns, step.columns)
        case _:
            assert_never(step)


# Publishing.


def publish(connection: sa.Connection, work: Work) -> None:
    """Make the new catalog the one that holds: texts, names and fingerprint, together."""
    now = work.clock.now()
    _write_files(connection, work, now)
    _write_names(connection, work, now)
    connection.execute(sa.delete(catalog_state))
    connection.execute(sa.insert(catalog_state), {"one": 1, "fingerprint": work.plan.fingerprint, "at": now})


def _write_files(connection: sa.Connection, work: Work, now: dt.datetime) -> None:
    table = definition_file
    for each in work.plan.files:
        connection.execute(sa.delete(table).where(table.c.layer == each.layer, table.c.path == each.path))
    rows = [
        {
            "layer": each.layer,
            "path": each.path,
            "text": each.text,
            "sha256": sha256(each.text.encode()).hexdigest(),
            "by": work.by,
            "at": now,
        }
        for each in work.plan.files
        if each.text is not None
    ]
    if rows:
        connection.execute(sa.insert(table), rows)


def _write_names(connection: sa.Connection, work: Work, now: dt.datetime) -> None:
    table = installed_name
    if not work.plan.names:
        return
    ids = [each.id for each in work.plan.names]
    known = {
        row.id: row.retired_at
        for start in range(0, len(ids), 500)
        for row in connection.execute(
            sa.select(table.c.id, table.c.retired_at).where(table.c.id.in_(ids[start : start + 500]))
        )
    }
    rows = [
        {
            "p_id": each.id,
            "id": each.id,
            "object": each.object,
            "name": each.name,
            "physical": each.physical,
            "columns": each.columns,
            "retired_at": (known.get(each.id) or now) if each.retired else None,
        }
        for each in work.plan.names
    ]
    fresh = [{key: row[key] for key in row if key != "p_id"} for row in rows if row["id"] not in known]
    changed = [row for row in rows if row["id"] in known]
    if fresh:
        connection.execute(sa.insert(table), fresh)
    if changed:
        values: dict[str, Any] = {
            name: sa.bindparam(f"{name}") for name in ("object", "name", "physical", "columns", "retired_at")
        }
        connection.execute(
            sa.update(table).where(table.c.id == sa.bindparam("p_id")).values(values),
            [{key: row[key] for key in row if key != "id"} for row in changed],
        )


# The journal.


def _refuse_stale(connection: sa.Connection, plan: Plan) -> None:
    if installed.fingerprint(connection) != plan.base:
        raise Conflict(
            Message("The definitions were changed since this plan was made. Plan again, then apply.", code="stale_plan")
        )


def _refuse_swept(connection: sa.Connection, plan: Plan) -> None:
    """Refuse a plan that wants back what was dropped after it was made."""
    steps = [step for step in plan.steps if isinstance(step, ReviveColumn | ReviveTable)]
    inspector = sa.inspect(connection)
    for step in steps:
        found = inspector.get_columns(step.table) if inspector.has_table(step.table) else ()
        there = {column["name"] for column in found}
        if not there or not there.issuperset(step.columns if isinstance(step, ReviveColumn) else ()):
            raise Conflict(
                Message("What this plan would bring back was dropped meanwhile. Plan again.", code="stale_plan")
            )


def _refuse_second(connection: sa.Connection) -> None:
    if unfinished(connection) is not None:
        raise Conflict(
            Message(
                "An earlier plan was interrupted and has to be finished first. Run apply again.", code="unfinished_plan"
            )
        )


def _note_plan(connection: sa.Connection, work: Work, status: str) -> None:
    now = work.clock.now()
    connection.execute(
        sa.insert(applied_plan),
        {
            "id": work.id,
            "at": now,
            "by": work.by,
            "reason": work.reason,
            "status": status,
            "base": work.plan.base,
            "fingerprint": work.plan.fingerprint,
            "digest": work.plan.digest,
            "body": json.dumps(work.plan.as_data(), ensure_ascii=False),
            "before": json.dumps(_replaced(connection, work.plan), ensure_ascii=False),
            "done_at": now if status == "done" else None,
            "undoes": work.plan.undoes or None,
        },
    )


def _replaced(connection: sa.Connection, plan: Plan) -> list[dict[str, str | None]]:
    """Give the texts that the plan replaces, so that it can be reversed."""
    there = installed.files(connection)
    return [
        {"layer": each.layer, "path": each.path, "text": there.get(each.layer, {}).get(each.path)}
        for each in plan.files
    ]


def _journaled(work: Work, *, is_published: bool) -> None:
    """Carry out the steps that are not in the journal yet, publish, then what had to wait."""
    done = _done(work)
    before = [(n, step) for n, step in enumerate(work.plan.steps) if not plans.is_after_publish(step)]
    after = [(n, step) for n, step in enumerate(work.plan.steps) if plans.is_after_publish(step)]
    if not is_published:
        begun: list[Step] = []
        try:
            for position, step in before:
                begun.append(step)
                if position not in done:
                    _one(work, position, step)
            _publish_alone(work)
        except (Conflict, sa.exc.DBAPIError) as error:
            _go_back(work, begun, error)
            raise
    for position, step in after:
        if position not in done:
            _one(work, position, step)
    with work.database.open(write=True) as connection:
        _set_status(connection, work, "done")


def _done(work: Work) -> set[int]:
    with work.database.open(write=False) as connection:
        return set(connection.execute(sa.select(plan_step.c.position).where(plan_step.c.plan == work.id)).scalars())


def _one(work: Work, position: int, step: Step) -> None:
    """Carry out one step and note it."""
    match step:
        case AddIndex():
            _index_concurrently(work.database, step)
            patiently(work.database, lambda connection: _note_step(connection, work, position))
        case DropIndex(name=name):
            with work.database.autocommit() as connection:
                connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {Ddl(connection).quote(name)}")
            patiently(work.database, lambda connection: _note_step(connection, work, position))
        case AddForeignKey():
            patiently(work.database, lambda connection: carry_out(connection, work, step))

            def validate(connection: sa.Connection) -> None:
                Ddl(connection).validate_foreign_key(step)
                _note_step(connection, work, position)

            patiently(work.database, validate)
        case ConvertColumn() | BackfillColumn():
            _fill_in_batches(work, step)
            patiently(work.database, lambda connection: _note_step(connection, work, position))
        case ComputeColumn():
            _compute_in_batches(work, _computation(work, step))
            patiently(work.database, lambda connection: _note_step(connection, work, position))
        case _:

            def both(connection: sa.Connection) -> None:
                carry_out(connection, work, step)
                _note_step(connection, work, position)

            patiently(work.database, both)


def _fill_in_batches(work: Work, step: ConvertColumn | BackfillColumn) -> None:
    """Fill new columns a batch at a time, each in a transaction of its own. What is filled stays as it is."""
    conversion = _conversion(work, step)
    for table, key in ((step.table, "id"), (step.history, "n")):
        last: object = None
        while True:
            with work.database.open(write=True) as connection:
                last = conversion.carry_out(connection, table, key, after=last)
            if last is None:
                break


def _compute_in_batches(work: Work, computation: Computation) -> None:
    """Compute a stored formula a batch at a time, each in a transaction of its own that waits for nobody long."""
    last: Any = None

    def batch(connection: sa.Connection) -> None:
        nonlocal last
        last = computation.carry_out(connection, after=last)

    patiently(work.database, batch)
    while last is not None:
        patiently(work.database, batch)


def _compute_as_before(work: Work, step: ComputeColumn) -> None:
    """Give a column back what the formula gives that still holds."""
    if work.before is None or not step.was_field:
        return
    try:
        _compute_in_batches(work, Computation(work.before, step.was_object, step.was_field, step.zone))
    except Conflict as error:
        log.warning("%s keeps some of its new values: %s", step.column, error)


def _index_concurrently(database: Database, step: AddIndex) -> None:
    """Add an index while others read and write. A failed try leaves an invalid one, which goes first."""
    with database.autocommit() as connection:
        ddl = Ddl(connection)
        invalid = connection.execute(
            sa.text("select not i.indisvalid from pg_index i where i.indexrelid = to_regclass(:name)"),
            {"name": ddl.quote(step.name)},
        ).scalar()
        if invalid is False:
            return
        if invalid:
            ddl.run(f"DROP INDEX CONCURRENTLY IF EXISTS {ddl.quote(step.name)}")
        unique = "UNIQUE " if step.unique else ""
        on = f"{ddl.quote(step.table)} ({ddl.indexed(step)})"
        try:
            ddl.run(f"CREATE {unique}INDEX CONCURRENTLY {ddl.quote(step.name)} ON {on}")
        except sa.exc.IntegrityError:
            ddl.run(f"DROP INDEX CONCURRENTLY IF EXISTS {ddl.quote(step.name)}")
            raise clash(step) from None


def _publish_alone(work: Work) -> None:
    """Publish at a moment when nobody writes with the old catalog.

    Every writer holds the publish lock shared from its first statement on (`Database.open`), so whoever comes after
    reads the new fingerprint. Values written meanwhile into columns that were converted are converted here.
    """

    def alone(connection: sa.Connection) -> None:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(PUBLISH_LOCK)))
        for step in work.plan.steps:
            if isinstance(step, ConvertColumn | BackfillColumn):
                _catch_up(connection, work, step)
            elif isinstance(step, ComputeColumn):
                _compute(connection, _computation(work, step), since=_since(work))
        publish(connection, work)
        _set_status(connection, work, "published")

    patiently(work.database, alone, is_publishing=True)


def _catch_up(connection: sa.Connection, work: Work, step: ConvertColumn | BackfillColumn) -> None:
    """Convert once more what was written since the plan began: `_change` ids ascend in time.

    Other machines' clocks may be late, so it begins a little earlier.
    """
    since = _since(work)
    table = sa.table(step.table, sa.column("_change", Key()), *(sa.column(name) for name in step.columns))
    blank = dict.fromkeys(step.columns)
    connection.execute(sa.update(table).where(table.c["_change"] >= since).values(blank), execution_options=dict(GATE))
    _fill(connection, work, step)


def _since(work: Work) -> str:
    return _least_id(work.id, minutes_before=CLOCKS_MAY_DIFFER)


def _least_id(identity: str, *, minutes_before: int) -> str:
    """Give the least id of a moment some minutes before another id was made."""
    moment = int(identity[:8] + identity[9:13], 16) - minutes_before * 60_000
    digits = f"{moment:012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"


def patiently(database: Database, work: Callable[[sa.Connection], None], *, is_publishing: bool = False) -> None:
    """Do a short piece of work that may not keep others waiting: a busy table is tried again, with pauses."""
    for attempt in range(TRIES):
        try:
            with database.open(write=True, is_publishing=is_publishing) as connection:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_MILLISECONDS}ms'")
                work(connection)
                return
        except sa.exc.DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") not in _BUSY or attempt == TRIES - 1:
                raise
        # Not all at the same moment again.
        time.sleep(min(0.02 * 2**attempt, LONGEST_PAUSE) * (0.5 + random.random()))  # noqa: S311


def _note_step(connection: sa.Connection, work: Work, position: int) -> None:
    values = {"plan": work.id, "position": position, "status": "done", "at": work.clock.now()}
    connection.execute(sa.insert(plan_step), values)


def _set_status(connection: sa.Connection, work: Work, status: str) -> None:
    done_at = work.clock.now() if status == "done" else None
    connection.execute(
        sa.update(applied_plan).where(applied_plan.c.id == work.id).values(status=status, done_at=done_at)
    )


def _go_back(work: Work, begun: Sequence[Step], error: Exception) -> None:
    """Take back what a plan that cannot go on has added."""
    log.warning("plan %s failed and is taken back: %s", work.id, error)
    for step in reversed(begun):
        if isinstance(step, ComputeColumn):
            _compute_as_before(work, step)
        patiently(work.database, lambda connection, step=step: take_back(connection, step))  # type: ignore[misc]
    with work.database.open(write=True) as connection:
        _set_status(connection, work, "failed")
