"""promises: work written down in the transaction that causes it, claimed with a lease and carried out after it

A promise is a row. Whoever claims it holds a lease and renews it while at work; of one who dies, the lease runs out and
the next may claim. `finish` marks a promise done in the transaction of its own effects, so that these happen once.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import orjson
import sqlalchemy as sa

from dougong.base.errors import DougongError
from dougong.base.names import is_id, new_id
from dougong.base.sql_types import Key
from dougong.base.text import Message
from dougong.context import Context
from dougong.storage.database import Database
from dougong.storage.platform_tables import outbox

Queue = Literal["now", "timed", "bulk"]
QUEUES: tuple[Queue, ...] = get_args(Queue)
"""`now` before `timed` before `bulk`: what people wait for, what falls due, what takes long."""

LEASE = dt.timedelta(seconds=60)
FIRST_DELAY = dt.timedelta(seconds=10)
LONGEST_DELAY = dt.timedelta(hours=1)
TRIES = 12
"""After so many failures a promise is parked: with growing delays that is seven hours."""
MOST_CLAIMS = 50
"""A promise that was claimed so often without an end takes its worker down each time: it is parked instead."""
KEPT = dt.timedelta(days=3)
"""So long a promise is kept when it is done."""
LATE = dt.timedelta(minutes=15)
LONGEST_ERROR = 4000

_t = outbox.c
_OPEN = sa.and_(_t.done_at.is_(None), _t.failed_at.is_(None))


class LeaseLost(DougongError):
    """Somebody else has this promise now: what was done for it in this transaction must not count."""

    def __init__(self, promise: str) -> None:
        super().__init__(Message("Promise {id} is in other hands now.", code="lease_lost", id=promise))


class Hopeless(DougongError):
    """Trying again would not help: the promise is parked at once, with this as its error."""


@dataclass(frozen=True)
class Claim:
    """A promise in the hands of one worker, until its lease runs out."""

    id: str
    queue: str
    topic: str
    subscriber: str | None
    """The one it is for; None: whoever does the topic."""
    body: Mapping[str, Any]
    attempts: int
    """How often it was claimed, this time included."""
    by: str
    at: dt.datetime
    """When it was promised."""
    key: str | None = None

    @property
    def name(self) -> str:
        """Who carries it out, for logs and counts."""
        return self.subscriber or self.topic


def promise(
    ctx: Context,
    topic: str,
    body: Mapping[str, Any],
    *,
    queue: Queue = "now",
    key: str | None = None,
    not_before: dt.datetime | None = None,
    lane: str | None = None,
) -> str | None:
    """Promise work in the caller's transaction, and give its id.

    Of one `lane`, promises are carried out one after the other. With a `key` it is promised once as long as it is kept:
    None says that it was before. A topic with subscribers is promised to each that wants it.
    """
    if key is not None and _is_promised(ctx, key):
        return None
    now = ctx.now()
    row = {
        "id": new_id(), "at": now, "queue": queue, "topic": topic, "body": orjson.dumps(body).decode(), "attempts": 0,
        "key": key, "not_before": not_before or now, "lane": lane, "handler": None,
    }  # fmt: skip
    rows = [row]
    if topic in ctx.subscribers:
        wanting = [each for each in ctx.subscribers[topic] if each.wants(ctx.catalog, body)]
        rows = [
            {**row, "id": new_id(), "handler": each.name, "lane": f"{each.name} {lane}" if lane else None}
            for each in wanting
        ]
    if rows:
        ctx.connection.execute(sa.insert(outbox), rows)
    return str(rows[0]["id"]) if rows else None


def _is_promised(ctx: Context, key: str) -> bool:
    if ctx.dialect == "postgresql":
        # Two who promise the same at once: the second waits, and then sees the first.
        ctx.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"promise {key}"))))
    return ctx.connection.execute(sa.select(sa.literal(1)).where(_t.key == key)).first() is not None


def claim(
    database: Database,
    now: dt.datetime,
    by: str,
    *,
    queue: Queue,
    limit: int,
    lease: dt.timedelta = LEASE,
) -> list[Claim]:
    """Take some promises that are due, the oldest first; nobody else gets them until the lease runs out."""
    if not is_due(database, now, (queue,)):
        return []
    with database.open(write=True) as connection:
        found = _due(now, queue).limit(limit)
        if database.dialect == "postgresql":
            found = found.with_for_update(skip_locked=True)
        ids = list(connection.execute(found).scalars())
        if not ids:
            return []
        values = {"lease_until": now + lease, "lease_by": by, "attempts": _t.attempts + 1}
        taken = (
            sa.update(outbox)
            .where(_t.id.in_(ids))
            .values(values)
            .returning(_t.id, _t.queue, _t.topic, _t.handler, _t.body, _t.attempts, _t.at, _t.key)
        )
        return _claims(connection.execute(taken), by)


def is_due(database: Database, now: dt.datetime, queues: Sequence[Queue]) -> bool:
    """Look without a lock whether anything is due: what is asked again and again has to be light."""
    with database.open(write=False) as connection:
        return connection.execute(_due(now, *queues).order_by(None).limit(1)).first() is not None


def _due(now: dt.datetime, *queues: Queue) -> sa.Select[Any]:
    before = outbox.alias("before")
    # An earlier one of the same lane that is still open, waiting for its next try or in somebody's hands.
    is_first = ~sa.exists().where(
        before.c.lane == _t.lane, before.c.id < _t.id, before.c.done_at.is_(None), before.c.failed_at.is_(None)
    )
    return (
        sa.select(_t.id)
        .where(
            _OPEN,
            _t.queue.in_(queues),
            _t.not_before <= now,
            sa.or_(_t.lease_until.is_(None), _t.lease_until <= now),
            sa.or_(_t.lane.is_(None), is_first),
        )
        .order_by(_t.not_before, _t.id)
    )


def take(
    database: Database, handed: Sequence[tuple[str, int]], now: dt.datetime, by: str, lease: dt.timedelta
) -> list[Claim]:
    """Take over promises that a relay claimed and handed out, by id and number of the try.

    What is done meanwhile, or was handed out again, is left out.
    """
    with database.open(write=True) as connection:
        mine = sa.or_(*(sa.and_(_t.id == promise_id, _t.attempts == attempts) for promise_id, attempts in handed))
        taken = (
            sa.update(outbox)
            .where(mine, _t.lease_by.like(f"{RELAY}%"), _OPEN)
            .values(lease_until=now + lease, lease_by=by)
            .returning(_t.id, _t.queue, _t.topic, _t.handler, _t.body, _t.attempts, _t.at, _t.key)
        )
        return _claims(connection.execute(taken), by)


def _claims(rows: Iterable[sa.Row[Any]], by: str) -> list[Claim]:
    claims = [
        Claim(
            each.id, each.queue, each.topic, each.handler, orjson.loads(each.body), each.attempts, by, each.at, each.key
        )
        for each in rows
    ]
    return sorted(claims, key=lambda each: each.id)


def handed(database: Database, now: dt.datetime, queue: Queue) -> int:
    """Count what was handed out and not taken yet."""
    waiting = sa.select(sa.func.count()).where(
        _OPEN, _t.queue == queue, _t.not_before <= now, _t.lease_by.like(f"{RELAY}%"), _t.lease_until > now
    )
    with database.open(write=False) as connection:
        return connection.execute(waiting).scalar_one()


RELAY = "relay "
"""What the name of one begins with who claims in order to hand out."""


def renew(database: Database, claims: Sequence[Claim], until: dt.datetime) -> None:
    """Renew the leases of promises in hand. One whose own transaction is under way is left alone."""
    if not claims:
        return
    with database.open(write=True) as connection:
        mine = sa.select(_t.id).where(
            _t.id.in_([each.id for each in claims]), _t.lease_by == claims[0].by, _t.done_at.is_(None)
        )
        if database.dialect == "postgresql":
            mine = mine.with_for_update(skip_locked=True)
        ids = list(connection.execute(mine).scalars())
        connection.execute(sa.update(outbox).where(_t.id.in_(ids)).values(lease_until=until))


def _mine(claim: Claim) -> sa.Update:
    return sa.update(outbox).where(
        _t.id == claim.id, _t.lease_by == claim.by, _t.attempts == claim.attempts, _t.done_at.is_(None)
    )


def finish(connection: sa.Connection, claim: Claim, now: dt.datetime) -> None:
    """Mark a promise done in the caller's transaction, or raise `LeaseLost`. It is locked until that ends."""
    done = _mine(claim).values(done_at=now, lease_until=None, lease_by=None, error=None)
    if connection.execute(done).rowcount != 1:
        raise LeaseLost(claim.id)


def hold(connection: sa.Connection, claim: Claim, until: dt.datetime) -> None:
    """Make sure in the caller's transaction that the promise is in our hands, or raise `LeaseLost`."""
    if connection.execute(_mine(claim).values(lease_until=until)).rowcount != 1:
        raise LeaseLost(claim.id)


def fail(database: Database, claim: Claim, now: dt.datetime, error: str, *, tries: int = TRIES) -> bool:
    """Keep the error, and try again after a while; or park the promise, which is told by True.

    Raises `LeaseLost` where it is in other hands now.
    """
    is_parked = claim.attempts >= tries
    values: dict[str, Any] = {"lease_until": None, "lease_by": None, "error": error[:LONGEST_ERROR]}
    values |= {"failed_at": now} if is_parked else {"not_before": now + delay(claim.attempts)}
    with database.open(write=True) as connection:
        if connection.execute(_mine(claim).values(values)).rowcount != 1:
            raise LeaseLost(claim.id)
    return is_parked


def delay(attempts: int) -> dt.timedelta:
    """How long to wait before the next try: longer each time, and not in step with others."""
    planned: dt.timedelta = min(FIRST_DELAY * 3 ** min(attempts - 1, 10), LONGEST_DELAY)
    return planned * (0.8 + 0.4 * random.random())  # noqa: S311 -- so that many do not come back at once


def release(database: Database, claims: Iterable[Claim]) -> None:
    """Give back promises that were not begun."""
    with database.open(write=True) as connection:
        for each in claims:
            back = {"lease_until": None, "lease_by": None, "attempts": each.attempts - 1}
            connection.execute(_mine(each).values(back))


# ---- what administrators see and do ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """How the outbox stands."""

    waiting: Mapping[str, int]
    """How many are due or in hand, by queue."""
    oldest: dt.datetime | None
    """Since when the oldest of them is due."""
    later: int
    """How many are for later: timed, or waiting for their next try."""
    parked: int
    """How many were tried too often."""

    @property
    def due(self) -> int:
        """How many are due or in hand."""
        return sum(self.waiting.values())

    def is_late(self, now: dt.datetime) -> bool:
        """Whether something waits so long that no worker seems to run."""
        return self.oldest is not None and now - self.oldest > LATE


def figures(connection: sa.Connection, now: dt.datetime) -> Figures:
    """Count what is promised."""
    due = sa.select(_t.queue, sa.func.count(), sa.func.min(_t.not_before)).where(_OPEN, _t.not_before <= now)
    rows = connection.execute(due.group_by(_t.queue)).all()
    later = sa.select(sa.func.count()).where(_OPEN, _t.not_before > now)
    parked = sa.select(sa.func.count()).where(_t.failed_at.is_not(None), _t.done_at.is_(None))
    return Figures(
        waiting={queue: count for queue, count, _ in rows},
        oldest=min((since for _, _, since in rows if since is not None), default=None),
        later=connection.execute(later).scalar_one(),
        parked=connection.execute(parked).scalar_one(),
    )


@dataclass(frozen=True)
class Parked:
    """A promise that was tried too often."""

    id: str
    name: str
    body: Mapping[str, Any]
    attempts: int
    at: dt.datetime
    failed_at: dt.datetime
    error: str


def parked(connection: sa.Connection, limit: int = 100) -> list[Parked]:
    """Give the promises that wait for a person, the newest first."""
    query = sa.select(outbox).where(_t.failed_at.is_not(None), _t.done_at.is_(None))
    return [
        Parked(
            each.id,
            each.handler or each.topic,
            orjson.loads(each.body),
            each.attempts,
            each.at,
            each.failed_at,
            each.error or "",
        )
        for each in connection.execute(query.order_by(_t.failed_at.desc(), _t.id.desc()).limit(limit))
    ]


def retry(connection: sa.Connection, now: dt.datetime, ids: Sequence[str] | None = None) -> int:
    """Try parked promises again: these, or all. Give how many that are."""
    again = {"failed_at": None, "attempts": 0, "not_before": now, "lease_until": None, "lease_by": None}
    return connection.execute(_parked(ids).values(again)).rowcount


def good_ids(given: Iterable[str]) -> list[str]:
    """Give what may be ids at all of what somebody sent."""
    return [each for each in given if is_id(each)]


def give_up(connection: sa.Connection, now: dt.datetime, ids: Sequence[str]) -> int:
    """Let parked promises be: they are done without effect."""
    return connection.execute(_parked(ids).values(done_at=now)).rowcount


def _parked(ids: Sequence[str] | None) -> sa.Update:
    wanted = sa.update(outbox).where(_t.failed_at.is_not(None), _t.done_at.is_(None))
    if ids is None:
        return wanted
    return wanted.where(_t.id.in_(sa.bindparam("ids", list(ids), expanding=True, type_=Key)))


def sweep(database: Database, now: dt.datetime, *, most: int = 1000) -> int:
    """Take away what was done some days ago, a little at a time; give how much that was.

    Events of a version that had no workers were for nobody: they go too.
    """
    old = sa.or_(_t.done_at < now - KEPT, sa.and_(_t.not_before.is_(None), _t.done_at.is_(None), _t.at <= now))
    swept = 0
    while True:
        with database.open(write=True) as connection:
            ids = list(connection.execute(sa.select(_t.id).where(old).limit(most)).scalars())
            connection.execute(sa.delete(outbox).where(_t.id.in_(ids)))
        swept += len(ids)
        if len(ids) < most:
            return swept
