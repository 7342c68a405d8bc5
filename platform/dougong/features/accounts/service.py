"""sign in, create and disable users, set and change passwords, grant roles"""

from __future__ import annotations

import datetime as dt
import logging
import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dougong.base.actor import SYSTEM_USER
from dougong.base.errors import DougongError, InvalidRecord, InvalidValue, NotAllowed
from dougong.base.text import Message
from dougong.catalog.model import Role
from dougong.context import Context
from dougong.features.accounts import addresses, opening, passwords, sessions
from dougong.features.accounts.opening import Opened
from dougong.features.accounts.sessions import Session
from dougong.features.accounts.tokens import is_administrator
from dougong.features.accounts.work import Installation
from dougong.records import service as records
from dougong.records.query import Record
from dougong.storage import platform_tables

FAILURES = 5
"""So many wrong passwords in a row lock an account."""
FIRST_LOCK = dt.timedelta(minutes=15)
LONGEST_LOCK = dt.timedelta(hours=24)

_NOBODY = "00000000-0000-0000-0000-000000000000"

log = logging.getLogger(__name__)


class SignInRefused(DougongError):
    """The login or the password is wrong; which one, we do not say."""

    def __init__(self) -> None:
        super().__init__(Message("The login or the password is not right.", code="sign_in"))


class LockedOut(DougongError):
    """Too many wrong passwords; `until` says when the next attempt counts."""

    def __init__(self, until: dt.datetime, now: dt.datetime) -> None:
        self.until = until
        self.seconds = max(1, math.ceil((until - now).total_seconds()))
        super().__init__(self._said(-(-self.seconds // 60)))

    def _said(self, minutes: int) -> Message:
        return Message(
            "Too many wrong passwords. This account is locked; try again in {minutes} minutes.",
            code="locked_out",
            minutes=minutes,
        )


class AddressLockedOut(LockedOut):
    """Too many wrong passwords from one address, whoever's they were."""

    def _said(self, minutes: int) -> Message:
        return Message(
            "Too many wrong passwords came from your network. Try again in {minutes} minutes.",
            code="address_locked_out",
            minutes=minutes,
        )


@dataclass(frozen=True)
class _Attempt:
    hash: str | None
    locked_until: dt.datetime | None
    is_refused: bool


def sign_in(engine: Installation, *, login: object, password: object, ip: str | None = None) -> Session:
    """Begin a session, or raise `SignInRefused` or `LockedOut`. Opens transactions of its own.

    `ip` is the address it comes from, where that tells people apart.

    The attempt is counted before the password is verified, so that many at once are not many guesses; and no lock of
    the database is held meanwhile.
    """
    now = engine.clock.now()
    database = engine.database
    name = _plain(login) if isinstance(login, str) else ""
    limits, address = addresses.limits(engine.settings), addresses.known_as(ip)
    found: Opened | None = None
    attempt, user_id = _Attempt(None, None, is_refused=True), _NOBODY
    with database.open(write=True) as connection:
        # The address comes first, here and below: whoever is refused by it must not lock anyone's account.
        address_locked_until = addresses.count(connection, address, now, limits)
        if address_locked_until is None:
            catalog = engine.current(connection)
            found = opening.find(
                connection, database, catalog, proof="login", key=name, now=now, locale=engine.locale, zone=engine.zone
            )
            user_id = found.actor.id if found else _NOBODY
            attempt = _count(connection, user_id, now, is_locking=database.dialect == "postgresql")
    if address_locked_until is not None:
        log.warning("sign in refused, too many from %s", ip)
        raise AddressLockedOut(address_locked_until, now)
    if attempt.is_refused and attempt.locked_until is not None:
        log.warning("sign in refused, locked: user %s from %s", user_id, ip)
        raise LockedOut(attempt.locked_until, now)
    if not passwords.verify(attempt.hash, password) or attempt.hash is None or found is None:
        log.warning("sign in refused: user %s from %s", user_id if found else "unknown", ip)
        if attempt.locked_until is not None:
            raise LockedOut(attempt.locked_until, now)
        raise SignInRefused
    with database.open(write=True) as connection:
        addresses.forgive(connection, address, now, limits)
        _forgive(connection, user_id)
        if passwords.is_outdated(attempt.hash) and isinstance(password, str):
            _store(connection, user_id, passwords.hashed(password), now)
        return sessions.start(connection, user_id, now)


def sign_out(ctx: Context, digest: str) -> None:
    """End the session of this request."""
    sessions.end(ctx.connection, digest)


def create_user(
    ctx: Context,
    *,
    login: str,
    name: str,
    password: str | None = None,
    is_administrator: bool = False,
    roles: Iterable[str] = (),
    units: Iterable[str] = (),
    **more: Any,
) -> Record:
    """Create a user with what they belong to; the first unit is the main one. Without a password nobody signs in."""
    if is_administrator:
        _administrators_only(ctx)
    values = {"login": login, "name": name, "active": True, "is_administrator": is_administrator, **more}
    user = records.create(ctx, "user", values)
    for position, unit in enumerate(units):
        records.create(ctx, "membership", {"user": user.id, "unit": unit, "main": position == 0})
    for role in roles:
        grant_role(ctx, user.id, role)
    if password is not None:
        set_password(ctx, user.id, password)
    return user


def grant_role(ctx: Context, user_id: str, role: str) -> Record:
    """Let a user hold a role that there is."""
    ctx.catalog.get(Role, role)
    return records.create(ctx, "role_assignment", {"user": user_id, "role": role})


def disable(ctx: Context, user_id: str) -> None:
    """Disable a user: sessions end, and tokens are refused from the next request on."""
    _administrators_only(ctx)
    records.update(ctx, "user", user_id, {"active": False}, last_write=True)
    sessions.end_all(ctx.connection, user_id)


def enable(ctx: Context, user_id: str) -> None:
    """Let a disabled user in again."""
    _administrators_only(ctx)
    records.update(ctx, "user", user_id, {"active": True}, last_write=True)


def set_password(ctx: Context, user_id: str, password: object) -> None:
    """Give a user a new password, as an administrator; all their sessions end."""
    _administrators_only(ctx)
    if user_id == SYSTEM_USER:
        raise NotAllowed(Message("The system itself signs in nowhere.", code="not_allowed"))
    text = passwords.check(password, demo=is_demo(ctx.connection))
    _store(ctx.connection, user_id, passwords.hashed(text), ctx.now())
    sessions.end_all(ctx.connection, user_id)


def has_password(ctx: Context, user_id: str) -> bool:
    """Whether a user has a password; for administrators. Without one nobody signs in."""
    _administrators_only(ctx)
    table = platform_tables.credential
    query = sa.select(sa.literal(1)).where(table.c.user == user_id)
    return ctx.connection.execute(query).first() is not None


def change_password(ctx: Context, *, old: object, new: object, keep: str | None = None) -> None:
    """Change one's own password; every other session ends (`keep` is the digest of this one's secret)."""
    if ctx.actor.token_scope is not None:
        raise NotAllowed(Message("A token with a scope may not change a password.", code="token_scope"))
    table = platform_tables.credential
    stored = ctx.connection.execute(sa.select(table.c.hash).where(table.c.user == ctx.actor.id)).scalar_one_or_none()
    if not passwords.verify(stored, old):
        raise InvalidRecord({"old": [Message("This is not your password.", code="password_wrong")]})
    try:
        text = passwords.check(new, demo=is_demo(ctx.connection))
    except InvalidValue as error:
        raise InvalidRecord({"new": [error.message]}) from None
    _store(ctx.connection, ctx.actor.id, passwords.hashed(text), ctx.now())
    sessions.end_all(ctx.connection, ctx.actor.id, but=keep)


def is_demo(connection: sa.Connection) -> bool:
    """Whether this instance was made to look at, and takes the demo password."""
    table = platform_tables.instance_setting
    value = connection.execute(sa.select(table.c.value).where(table.c.name == "demo")).scalar_one_or_none()
    return value == "1"


def _plain(login: str) -> str:
    """Give a login as the gate stores it; what no database can hold is nobody's."""
    text = unicodedata.normalize("NFC", login.strip())
    return "" if "\0" in text else text.encode("utf-8", "replace").decode()


def _administrators_only(ctx: Context) -> None:
    if not is_administrator(ctx):
        raise NotAllowed(Message("Only an administrator may do this.", code="administrators_only"))


def _count(connection: sa.Connection, user_id: str, now: dt.datetime, *, is_locking: bool) -> _Attempt:
    """Count an attempt as failed until it has succeeded; the last one allowed locks the account at once."""
    table = platform_tables.credential
    query = sa.select(table.c.hash, table.c.failed, table.c.locked_until).where(table.c.user == user_id)
    row = connection.execute(query.with_for_update() if is_locking else query).one_or_none()
    if row is None:
        # As many statements as for a user, so that time does not tell who is one.
        connection.execute(sa.update(table).where(table.c.user == user_id).values(failed=0))
        return _Attempt(None, None, is_refused=False)
    if row.locked_until is not None and row.locked_until > now:
        return _Attempt(row.hash, row.locked_until, is_refused=True)
    failed = row.failed + 1
    locked_until = now + _lock_length(failed) if failed % FAILURES == 0 else None
    connection.execute(sa.update(table).where(table.c.user == user_id).values(failed=failed, locked_until=locked_until))
    return _Attempt(row.hash, locked_until, is_refused=False)


def _lock_length(failed: int) -> dt.timedelta:
    doublings = min(failed // FAILURES - 1, 10)
    length: dt.timedelta = FIRST_LOCK * 2**doublings
    return min(length, LONGEST_LOCK)


def _forgive(connection: sa.Connection, user_id: str) -> None:
    table = platform_tables.credential
    connection.execute(sa.update(table).where(table.c.user == user_id).values(failed=0, locked_until=None))


def _store(connection: sa.Connection, user_id: str, hashed: str, now: dt.datetime) -> None:
    table = platform_tables.credential
    values = {"hash": hashed, "failed": 0, "locked_until": None, "changed_at": now}
    changed = connection.execute(sa.update(table).where(table.c.user == user_id).values(**values))
    if changed.rowcount == 0:
        connection.execute(sa.insert(table).values(user=user_id, **values))
