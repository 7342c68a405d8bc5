"""bearer tokens: for programs that act for a person"""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from dougong.access.grants import ALL_VERBS
from dougong.base.errors import InvalidValue, NotAllowed, NotFound
from dougong.base.names import new_id
from dougong.base.text import Message
from dougong.context import Context
from dougong.features.accounts import sessions
from dougong.storage import platform_tables

PREFIX = "dg_"
"""How every token begins, so that a scanner finds one that leaked."""
USED_EVERY = dt.timedelta(minutes=1)
State = Literal["active", "expired", "revoked"]
_SCOPE = re.compile(r"(?:(?P<object>[a-z][a-z0-9_]{0,39}):)?(?P<verb>[a-z]+|\*)")


@dataclass(frozen=True)
class Token:
    """A token as its owner sees it; the secret itself is shown once, when it is made."""

    id: str
    user: str
    name: str
    scope: tuple[str, ...] | None
    """What it may do at most; None: all that its user may."""
    created_at: dt.datetime
    expires_at: dt.datetime | None
    used_at: dt.datetime | None
    revoked_at: dt.datetime | None

    def state(self, now: dt.datetime) -> State:
        """Say whether it holds."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"


def create(
    ctx: Context,
    user_id: str,
    *,
    name: str,
    scope: Iterable[str] | None = None,
    expires_at: dt.datetime | None = None,
) -> tuple[Token, str]:
    """Make a token of oneself (the system and administrators: of anyone). Gives it and its secret."""
    _own_or_administrator(ctx, user_id)
    if not name.strip():
        raise InvalidValue(Message("Give the token a name, so that you know it again.", code="token_name"))
    scopes = checked_scope(ctx, scope)
    token = Token(new_id(), user_id, name.strip()[:200], scopes, ctx.now(), expires_at, None, None)
    secret = PREFIX + secrets.token_urlsafe(32)
    ctx.connection.execute(
        sa.insert(platform_tables.token).values(
            hash=sessions.digest(secret),
            id=token.id,
            user=user_id,
            name=token.name,
            scope=None if scopes is None else " ".join(scopes),
            created_at=token.created_at,
            expires_at=expires_at,
        )
    )
    return token, secret


def list_of(ctx: Context, user_id: str) -> list[Token]:
    """The tokens of a user, the newest first."""
    _own_or_administrator(ctx, user_id)
    return _read(ctx, platform_tables.token.c.user == user_id)


def list_all(ctx: Context) -> list[Token]:
    """The tokens of everyone, the newest first; for administrators."""
    if not is_administrator(ctx):
        raise NotAllowed(Message("Only an administrator may do this.", code="administrators_only"))
    return _read(ctx, sa.true())


def _read(ctx: Context, which: sa.ColumnElement[bool]) -> list[Token]:
    table = platform_tables.token
    query = sa.select(table).where(which).order_by(table.c.created_at.desc(), table.c.id.desc())
    return [_token(row) for row in ctx.connection.execute(query)]


def _token(row: Any) -> Token:
    return Token(
        row.id,
        row.user,
        row.name,
        read_scope(row.scope),
        row.created_at,
        row.expires_at,
        row.used_at,
        row.revoked_at,
    )


def revoke(ctx: Context, token_id: str) -> None:
    """End a token; the next request with it is refused."""
    table = platform_tables.token
    owner = ctx.connection.execute(sa.select(table.c.user).where(table.c.id == token_id)).scalar_one_or_none()
    if owner is None or not (is_administrator(ctx) or owner == ctx.actor.id):
        raise NotFound(Message("There is no such token.", code="not_found"))
    ctx.connection.execute(
        sa.update(table).where(table.c.id == token_id, table.c.revoked_at.is_(None)).values(revoked_at=ctx.now())
    )


def used(connection: sa.Connection, hashed: str, now: dt.datetime) -> None:
    """Note that a token is in use, at most once a minute."""
    table = platform_tables.token
    stale = sa.or_(table.c.used_at.is_(None), table.c.used_at < now - USED_EVERY)
    connection.execute(sa.update(table).where(table.c.hash == hashed, stale).values(used_at=now))


def checked_scope(ctx: Context, scope: Iterable[str] | None) -> tuple[str, ...] | None:
    """Read a scope such as `read` or `customer:update`, or raise `InvalidValue` with what is wrong."""
    if scope is None:
        return None
    wanted: Sequence[str] = tuple(dict.fromkeys(scope))
    for each in wanted:
        match = _SCOPE.fullmatch(each)
        knows_object = match is not None and (match["object"] is None or match["object"] in ctx.catalog.objects)
        if match is None or not knows_object or match["verb"] not in ALL_VERBS | {"*"}:
            raise InvalidValue(
                Message(
                    "'{scope}' is no scope of a token. Write a verb such as 'read', or an object and a verb such as "
                    "'customer:update'.",
                    code="token_scope",
                    scope=each,
                )
            )
    return tuple(wanted)


def read_scope(stored: str | None) -> tuple[str, ...] | None:
    """Read a stored scope."""
    return None if stored is None else tuple(stored.split())


def is_administrator(ctx: Context) -> bool:
    """Whether the actor may administer accounts: the system, or an administrator without a narrowing token."""
    return ctx.actor.is_system or ("administrator" in ctx.actor.roles and ctx.actor.token_scope is None)


def _own_or_administrator(ctx: Context, user_id: str) -> None:
    # A token that is narrowed must not make a wider one.
    if not (is_administrator(ctx) or (ctx.actor.id == user_id and ctx.actor.token_scope is None)):
        raise NotAllowed(Message("Only an administrator may do this for someone else.", code="not_allowed"))
