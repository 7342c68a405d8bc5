"""answers that were given under an `Idempotency-Key`, so that a retry gets the same one

The answer is stored in the transaction that did the work: there is never one without the other.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
import sqlalchemy as sa

from dougong.base.errors import Conflict, InvalidValue
from dougong.base.text import Message
from dougong.context import Context
from dougong.storage import platform_tables

KEPT = dt.timedelta(hours=24)
LONGEST_KEY = 200


@dataclass(frozen=True)
class Answer:
    """An answer that was given before."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def begin(ctx: Context, key: str, fingerprint: str) -> Answer | None:
    """Take a key for this request, or give the answer that it got before.

    A key that came with another request is refused. While the first request with a key is still at work, a second one
    waits for it on SQLite, where writers queue anyway, and is told so (409) on PostgreSQL.
    """
    table = platform_tables.idempotency
    now = ctx.now()
    user = ctx.actor.id
    _one_at_a_time(ctx, key)
    ctx.connection.execute(sa.delete(table).where(table.c.at < now - KEPT))
    mine = (table.c.user == user, table.c.key == key)
    found = ctx.connection.execute(sa.select(table).where(*mine)).one_or_none()
    if found is None:
        ctx.connection.execute(sa.insert(table).values(user=user, key=key, at=now, fingerprint=fingerprint))
        return None
    if found.fingerprint != fingerprint:
        raise InvalidValue(Message("This Idempotency-Key was used for another request.", code="idempotency_key_reused"))
    return Answer(found.status, found.body or b"", orjson.loads(found.headers or "{}"))


def finish(ctx: Context, key: str, answer: Answer) -> None:
    """Keep the answer for a retry."""
    table = platform_tables.idempotency
    ctx.connection.execute(
        sa.update(table)
        .where(table.c.user == ctx.actor.id, table.c.key == key)
        .values(status=answer.status, body=answer.body, headers=orjson.dumps(dict(answer.headers)).decode())
    )


def _one_at_a_time(ctx: Context, key: str) -> None:
    if ctx.dialect != "postgresql":
        return
    number = int.from_bytes(hashlib.blake2b(f"{ctx.actor.id} {key}".encode(), digest_size=8).digest(), signed=True)
    taken = ctx.connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(number))).scalar_one()
    if not taken:
        raise Conflict(
            Message("The first request with this Idempotency-Key is still at work.", code="idempotency_key_busy")
        )
