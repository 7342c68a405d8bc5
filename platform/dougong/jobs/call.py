"""what one who carries out a promise is given: its unit of work, its key, and its job"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from dougong.base.actor import Actor
from dougong.base.text import Message
from dougong.catalog.model import Catalog
from dougong.context import Context, Handle
from dougong.jobs import outbox, unit
from dougong.jobs import service as jobs
from dougong.jobs.outbox import LEASE, Claim
from dougong.jobs.schedule import Schedule

SHOWN_EVERY = dt.timedelta(milliseconds=500)
"""So often progress is written at most, and a wish to cancel looked for."""


@dataclass(frozen=True)
class Handling:
    """How a topic is carried out, where the usual way does not do."""

    run: Handle
    tries: int = outbox.TRIES
    label: Message | None = None
    """What a job of this topic is called."""


class Installation(unit.Installation, Protocol):
    """What an engine gives to those who carry out promises."""

    @property
    def handlers(self) -> Mapping[str, Handle | Handling]:
        """Who carries out a topic."""

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """What is promised again and again."""

    def actor(self, connection: sa.Connection, catalog: Catalog, user_id: str) -> Actor | None:
        """Give an active user as an actor."""


class Cancelled(Exception):
    """The job is to stop: somebody wants it so."""


class Call:
    """One promise being carried out.

    Its effects on our database belong in `work()`, once: the promise is done with them, in one transaction. Long work
    goes by `step()`s that leave a state behind to go on from. What is done outside (a mail, a call) happens at least
    once; `key` is the same each time, so that the other side can tell.
    """

    def __init__(self, engine: Installation, claim: Claim, lease: dt.timedelta = LEASE) -> None:
        self._engine = engine
        self._claim = claim
        self._lease = lease
        self._shown_at: dt.datetime | None = None
        self._asked_at: dt.datetime | None = None
        self._is_cancelled = False
        self._inside: Context | None = None
        self.is_done = False
        """Whether the promise is kept."""
        self.result: Any = None
        """What a job leaves behind, as JSON; written when it ends."""

    @property
    def key(self) -> str:
        """The same for each try, and for nothing else: what makes a call to the outside safe to repeat."""
        return self._claim.key or self._claim.id

    @property
    def attempts(self) -> int:
        """Which try this is, from 1."""
        return self._claim.attempts

    @property
    def job(self) -> str | None:
        """The id of the job that this is, if it is one."""
        found = self._claim.body.get(jobs.JOB)
        return str(found) if found is not None else None

    @contextmanager
    def work(self, *, user: str | None = None, reason: str | None = None) -> Iterator[Context]:
        """Open the unit of work that keeps the promise, in the system's name or a user's.

        Raises `LeaseLost` where the promise is in other hands, and `NotFound` where the user is no longer active.
        """
        if self.is_done:
            raise RuntimeError(f"promise {self._claim.id!r} is kept already; use step() for all but the last piece")
        with self._unit(user, reason) as ctx:
            outbox.finish(ctx.connection, self._claim, ctx.now())
            yield ctx
            if self.job is not None:
                jobs.ended(ctx.connection, self.job, ctx.now(), self.result)
        self.is_done = True

    @contextmanager
    def step(self, state: Any = None, *, user: str | None = None, reason: str | None = None) -> Iterator[Context]:
        """Open a unit of work for a piece of long work; `state` is kept with it, for `resumed_at` after a fall."""
        with self._unit(user, reason) as ctx:
            outbox.hold(ctx.connection, self._claim, ctx.now() + self._lease)
            yield ctx
            if self.job is not None and state is not None:
                jobs.keep_state(ctx.connection, self.job, state)

    @contextmanager
    def _unit(self, user: str | None, reason: str | None) -> Iterator[Context]:
        with unit.opened(self._engine, write=True, door="job", reason=reason or self._claim.name) as ctx:
            if user is not None:
                ctx.actor = jobs.active_actor(self._engine, ctx, user)
            self._inside = ctx
            try:
                yield ctx
            finally:
                self._inside = None

    def resumed_at(self) -> Any:
        """Give the state that the last finished step left behind; None at the first try."""
        if self.job is None:
            return None
        with self._engine.database.open(write=False) as connection:
            return jobs.state(connection, self.job)

    def progress(self, done: int, total: int | None = None, note: str | None = None) -> None:
        """Show how far a job is; within a unit of work it shows when that is committed."""
        if self.job is None:
            return
        if self._inside is not None:
            jobs.note_progress(self._inside.connection, self.job, done, total, note)
            return
        now = self._engine.clock.now()
        is_end = total is not None and done >= total
        if self._shown_at is not None and now - self._shown_at < SHOWN_EVERY and not is_end:
            return
        self._shown_at = now
        with self._engine.database.open(write=True) as connection:
            jobs.note_progress(connection, self.job, done, total, note)

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody wants the job to stop."""
        if self.job is None or self._is_cancelled:
            return self._is_cancelled
        now = self._engine.clock.now()
        if self._asked_at is None or now - self._asked_at >= SHOWN_EVERY:
            self._asked_at = now
            with self._engine.database.open(write=False) as connection:
                self._is_cancelled = jobs.is_cancelled(connection, self.job)
        return self._is_cancelled

    def stop_if_cancelled(self) -> None:
        """Raise `Cancelled` if somebody wants the job to stop: between the pieces of long work."""
        if self.is_cancelled:
            raise Cancelled


def handling(engine: Installation, claim: Claim) -> Handling | None:
    """Find who carries out a promise."""
    if claim.subscriber is not None:
        known = engine.subscribers.get(claim.topic, ())
        found: Handle | Handling | None = next((each.handle for each in known if each.name == claim.subscriber), None)
    else:
        found = engine.handlers.get(claim.topic)
    if found is None or isinstance(found, Handling):
        return found
    return Handling(found)
