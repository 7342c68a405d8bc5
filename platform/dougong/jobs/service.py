"""jobs: long work that somebody started and watches, with progress, result and a way to stop it"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from dougong.access.grants import ADMINISTRATOR
from dougong.base.actor import Actor
from dougong.base.errors import BadRequest, Conflict, DougongError, NotFound
from dougong.base.names import is_id, new_id
from dougong.base.text import Message, as_data, from_data
from dougong.context import Context
from dougong.jobs import outbox
from dougong.storage.platform_tables import job

JOB = "job"
"""The key of a promise's body that says which job it carries out."""
STATUSES = ("waiting", "running", "done", "failed", "cancelled")
MOST_LISTED = 200

_t = job.c


@dataclass(frozen=True)
class Job:
    """One piece of long work."""

    id: str
    kind: str
    """The topic that carries it out."""
    user: str
    """Who started it."""
    at: dt.datetime
    status: str
    done: int
    total: int | None
    note: str | None
    result: Any
    error: Message | None
    is_cancelling: bool
    """Somebody wants it to stop, and it has not yet."""
    started_at: dt.datetime | None
    ended_at: dt.datetime | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ("done", "failed", "cancelled")


def start(ctx: Context, kind: str, body: Mapping[str, Any], *, queue: outbox.Queue = "bulk") -> str:
    """Promise long work in the caller's transaction, and give the id of the job to watch."""
    job_id = new_id()
    row = {
        "id": job_id, "kind": kind, "user": ctx.actor.id, "at": ctx.now(), "body": orjson.dumps(body).decode(),
        "status": "waiting", "done": 0,
    }  # fmt: skip
    ctx.connection.execute(sa.insert(job), row)
    outbox.promise(ctx, kind, {**body, JOB: job_id}, queue=queue, key=f"job {job_id}")
    return job_id


def may_see_all(ctx: Context) -> bool:
    """Whether somebody sees the jobs of others too."""
    return ADMINISTRATOR in ctx.actor.roles or ctx.actor.is_system


def get(ctx: Context, job_id: str) -> Job:
    """Give one job of one's own, or as an administrator any; or raise `NotFound`."""
    row = ctx.connection.execute(sa.select(job).where(_t.id == job_id)).one_or_none() if is_id(job_id) else None
    if row is None or not (may_see_all(ctx) or row.user == ctx.actor.id):
        raise NotFound(Message("There is no such job, or it is not yours to see.", code="not_found"))
    return _read(row)


def list(  # noqa: A001 -- the verb people use
    ctx: Context, *, everyone: bool = False, before: str | None = None, limit: int = 50
) -> tuple[Job, ...]:
    """Give jobs, the newest first: one's own, or everyone's for an administrator. `before` is the last id of a page."""
    if not 1 <= limit <= MOST_LISTED:
        raise BadRequest(Message("Ask for 1 to {most} jobs.", code="limit", most=MOST_LISTED))
    query = sa.select(job).order_by(_t.id.desc()).limit(limit)
    if not (everyone and may_see_all(ctx)):
        query = query.where(_t.user == ctx.actor.id)
    if before is not None:
        if not is_id(before):
            raise BadRequest(Message("This cursor does not belong to this list. Start again from the first page."))
        query = query.where(_t.id < before)
    return tuple(_read(row) for row in ctx.connection.execute(query))


def cancel(ctx: Context, job_id: str) -> Job:
    """Ask a job to stop; one that has not begun is over at once. What it has done already stays done."""
    found = get(ctx, job_id)
    if found.has_ended:
        raise Conflict(Message("This job has ended already.", code="job_ended"))
    still = sa.update(job).where(_t.id == job_id)
    over = ctx.connection.execute(
        still.where(_t.status == "waiting").values(status="cancelled", cancel_at=ctx.now(), ended_at=ctx.now())
    )
    if over.rowcount == 0:
        ctx.connection.execute(still.where(_t.status == "running").values(cancel_at=ctx.now()))
    return get(ctx, job_id)


def _read(row: sa.Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        user=row.user,
        at=row.at,
        status=row.status,
        done=row.done,
        total=row.total,
        note=row.note,
        result=orjson.loads(row.result) if row.result else None,
        error=from_data(orjson.loads(row.error)) if row.error else None,
        is_cancelling=row.cancel_at is not None and row.status == "running",
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


# ---- for those who carry jobs out ------------------------------------------------------------------------------------


def begun(connection: sa.Connection, job_id: str, now: dt.datetime) -> bool:
    """Note that a job is begun, or gone on with; False where it is over."""
    mine = sa.update(job).where(_t.id == job_id, _t.status.in_(("waiting", "running")))
    values = {"status": "running", "started_at": sa.func.coalesce(_t.started_at, sa.literal(now, _t.started_at.type))}
    return connection.execute(mine.values(values)).rowcount == 1


def ended(connection: sa.Connection, job_id: str, now: dt.datetime, result: Any) -> None:
    """Note that a job is done."""
    said = orjson.dumps(result).decode() if result is not None else None
    connection.execute(
        sa.update(job).where(_t.id == job_id).values(status="done", ended_at=now, result=said, error=None, state=None)
    )


def stopped(connection: sa.Connection, job_id: str, now: dt.datetime) -> None:
    """Note that a job stopped because somebody wanted it so."""
    connection.execute(sa.update(job).where(_t.id == job_id).values(status="cancelled", ended_at=now))


def failed(connection: sa.Connection, job_id: str, now: dt.datetime, error: Exception, *, is_final: bool) -> None:
    """Keep why a job failed; unless that is final, it will be tried again."""
    unforeseen = Message("The platform made a mistake; the administrator can see it in the log.")
    said = error.message if isinstance(error, DougongError) else unforeseen
    values: dict[str, Any] = {"error": orjson.dumps(as_data(said)).decode()}
    values |= {"status": "failed", "ended_at": now} if is_final else {"status": "waiting"}
    connection.execute(sa.update(job).where(_t.id == job_id).values(values))


def note_progress(connection: sa.Connection, job_id: str, done: int, total: int | None, note: str | None) -> None:
    """Write how far a job is."""
    values: dict[str, Any] = {"done": done}
    values |= {"total": total} if total is not None else {}
    values |= {"note": note} if note is not None else {}
    connection.execute(sa.update(job).where(_t.id == job_id).values(values))


def keep_state(connection: sa.Connection, job_id: str, state: Any) -> None:
    """Keep from where a job goes on after a fall."""
    connection.execute(sa.update(job).where(_t.id == job_id).values(state=orjson.dumps(state).decode()))


def state(connection: sa.Connection, job_id: str) -> Any:
    """Give from where a job goes on."""
    kept = connection.execute(sa.select(_t.state).where(_t.id == job_id)).scalar_one_or_none()
    return orjson.loads(kept) if kept else None


def is_cancelled(connection: sa.Connection, job_id: str) -> bool:
    """Whether somebody wants a job to stop."""
    query = sa.select(_t.cancel_at).where(_t.id == job_id)
    return connection.execute(query).scalar_one_or_none() is not None


def active_actor(engine: Any, ctx: Context, user_id: str) -> Actor:
    """Give a user as an actor, or raise `NotFound` where they are no longer active."""
    found: Actor | None = engine.actor(ctx.connection, ctx.catalog, user_id)
    if found is None:
        raise NotFound(Message("The person this is done for is no longer active.", code="no_user"))
    return found
