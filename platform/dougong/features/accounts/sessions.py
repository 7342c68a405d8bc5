"""who is signed in: random secrets, of which only the digest is stored"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from dougong.storage import platform_tables

IDLE = dt.timedelta(hours=12)
LONGEST = dt.timedelta(days=7)
SEEN_EVERY = dt.timedelta(minutes=5)
"""`seen_at` is written at most this often, so that a session costs hardly a write."""


@dataclass(frozen=True)
class Session:
    """A session that was just begun. The secret goes into the cookie and is kept nowhere else."""

    secret: str
    csrf: str
    user: str
    expires_at: dt.datetime


def digest(secret: str) -> str:
    """Give what is stored of a secret. It is random and long, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def start(connection: sa.Connection, user_id: str, now: dt.datetime) -> Session:
    """Begin a session of a user, and forget the ones that are over."""
    table = platform_tables.session
    connection.execute(sa.delete(table).where(table.c.expires_at < now))
    session = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(32), user_id, now + LONGEST)
    connection.execute(
        sa.insert(table).values(
            hash=digest(session.secret),
            user=user_id,
            created_at=now,
            expires_at=session.expires_at,
            seen_at=now,
            csrf=session.csrf,
        )
    )
    return session


def end(connection: sa.Connection, hashed: str) -> None:
    """End one session, by the digest of its secret."""
    table = platform_tables.session
    connection.execute(sa.delete(table).where(table.c.hash == hashed))


def end_all(connection: sa.Connection, user_id: str, *, but: str | None = None) -> None:
    """End every session of a user, except the one whose digest is given."""
    table = platform_tables.session
    statement = sa.delete(table).where(table.c.user == user_id)
    connection.execute(statement if but is None else statement.where(table.c.hash != but))


def seen(connection: sa.Connection, hashed: str, now: dt.datetime) -> None:
    """Note that a session is in use."""
    table = platform_tables.session
    connection.execute(
        sa.update(table).where(table.c.hash == hashed, table.c.seen_at < now - SEEN_EVERY).values(seen_at=now)
    )
