"""what is promised again and again: every so often, or each day at a time in the instance's zone

A schedule is a row that says when it is due next. Whoever moves that on promises the work in the same transaction, so
several hosts never promise it twice; what was missed while no worker ran is promised once.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from dougong.jobs import outbox, unit
from dougong.storage.platform_tables import schedule

_t = schedule.c


@dataclass(frozen=True)
class Schedule:
    """When a topic is promised."""

    name: str
    topic: str
    every: dt.timedelta | None = None
    """From one time to the next."""
    at: dt.time | None = None
    """Each day at this time, in the instance's zone."""
    body: Mapping[str, Any] = field(default_factory=dict)
    queue: outbox.Queue = "timed"

    def __post_init__(self) -> None:
        if (self.every is None) == (self.at is None):
            raise ValueError(f"schedule {self.name!r} needs either `every` or `at`")

    @property
    def spec(self) -> str:
        """How it is written down: a change of it plans anew."""
        return f"every {int(self.every.total_seconds())} s" if self.every is not None else f"at {self.at:%H:%M:%S}"

    def following(self, now: dt.datetime, zone: str) -> dt.datetime:
        """Give the next time after now. An hour that a change of clocks leaves out comes as if it did not."""
        if self.every is not None:
            return now + self.every
        here = now.astimezone(zoneinfo.ZoneInfo(zone))
        for ahead in (0, 1, 2):
            day = here.date() + dt.timedelta(days=ahead)
            moment = dt.datetime.combine(day, self.at or dt.time(), here.tzinfo).astimezone(dt.UTC)
            if moment > now:
                return moment
        raise AssertionError("unreachable")


def fire(engine: unit.Installation, schedules: Iterable[Schedule]) -> int:
    """Promise what is due, and say how much that was. Safe from several workers at once."""
    now = engine.clock.now()
    known = {each.name: each for each in schedules}
    with engine.database.open(write=False) as connection:
        rows = {each.name: each for each in connection.execute(sa.select(schedule))}
    fired = 0
    for name, each in known.items():
        row = rows.get(name)
        if row is None or row.spec != each.spec:
            _plan(engine, each, now)
        elif row.next_at <= now:
            fired += _fire(engine, each, row.next_at, now)
    return fired


def _plan(engine: unit.Installation, each: Schedule, now: dt.datetime) -> None:
    """Write down a schedule that is new or was changed."""
    values = {"spec": each.spec, "next_at": each.following(now, engine.zone)}
    with engine.database.open(write=True) as connection:
        if engine.database.dialect == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"schedule {each.name}"))))
        there = connection.execute(sa.select(_t.spec).where(_t.name == each.name)).scalar_one_or_none()
        if there is None:
            connection.execute(sa.insert(schedule), {"name": each.name, **values})
        elif there != each.spec:
            connection.execute(sa.update(schedule).where(_t.name == each.name).values(values))


def _fire(engine: unit.Installation, each: Schedule, due: dt.datetime, now: dt.datetime) -> int:
    with unit.opened(engine, write=True, door="job", reason=f"schedule {each.name}") as ctx:
        moved = sa.update(schedule).where(_t.name == each.name, _t.next_at == due)
        values = {"next_at": each.following(now, engine.zone), "last_at": now}
        if ctx.connection.execute(moved.values(values)).rowcount != 1:
            return 0
        outbox.promise(ctx, each.topic, each.body, queue=each.queue, lane=f"schedule {each.name}")
    return 1
