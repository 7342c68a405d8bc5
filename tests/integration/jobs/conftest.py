"""an instance whose engine carries out what a test wants"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from dougong.base.clock import FixedClock
from dougong.features.accounts.work import work
from dougong.jobs import outbox
from dougong.jobs.worker import Worker


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC))


@pytest.fixture
def engine(instances, system_layer, dialect, clock):
    """An instance with a table that shows what was done."""
    made = instances.make(system_layer, dialect=dialect, clock=clock)
    with made.database.open(write=True) as connection:
        first = "BIGSERIAL" if dialect == "postgresql" else "INTEGER PRIMARY KEY AUTOINCREMENT"
        connection.exec_driver_sql(f"CREATE TABLE test_effect (at {first}, promise TEXT, lane TEXT, n INTEGER)")
    yield made
    instances.drop(made)


@pytest.fixture
def promise(engine):
    """Promise something, in a unit of work of its own."""

    def promise_(topic: str, body: dict[str, Any] | None = None, **options: Any) -> str | None:
        with work(engine, reason="a test") as ctx:
            return outbox.promise(ctx, topic, body or {}, **options)

    return promise_


@pytest.fixture
def carry(engine):
    """Carry out what is due, with these handlers and subscribers; it says how much that was."""
    workers = []

    def carry_(handlers: dict[str, Any] | None = None, **changes: Any) -> int:
        worker = Worker(replace(engine, handlers=handlers or {}, **changes), schedules=False)
        workers.append(worker)
        return worker.run_once()

    yield carry_
    for each in workers:
        each.join()
