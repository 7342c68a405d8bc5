"""the one statement that opens a request: who asks, what they are, and which catalog is published

Nothing here is remembered between requests: a right that was revoked and a field that was published hold at the next
one, in every process. So this is the hottest statement there is. It is built once for a catalog and sent as text.
"""

from __future__ import annotations

import datetime as dt
import logging
import zoneinfo
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from dougong.access.grants import ADMINISTRATOR
from dougong.base.actor import Actor
from dougong.base.errors import NotSignedIn
from dougong.base.sql_types import Moment
from dougong.base.text import Message
from dougong.catalog.model import Catalog
from dougong.features.accounts import people, sessions, tokens
from dougong.storage import platform_tables
from dougong.storage.database import Database

_OVER = {
    "revoked": Message("This token was revoked. Make a new one.", code="token_revoked"),
    "expired": Message("This token has expired. Make a new one.", code="token_expired"),
}

log = logging.getLogger(__name__)

Proof = Literal["session", "token", "login", "user"]
"""How someone is known: a cookie, a bearer token, or (for commands and jobs) a login or an id."""


@dataclass(frozen=True)
class Opened:
    """What the opening statement found."""

    actor: Actor
    fingerprint: str
    proof: Proof
    digest: str
    """Of the session's or the token's secret."""
    csrf: str = ""
    is_stale: bool = False
    """It is time to note that the session or the token is in use."""


@dataclass(frozen=True)
class Statement:
    """A statement as the driver takes it."""

    text: str
    order: tuple[str, ...] | None
    """The names of the parameters in their order; None where they go by name."""

    def run(self, connection: sa.Connection, values: dict[str, Any]) -> Any:
        """Give the only row, or None."""
        given = values if self.order is None else tuple(values[name] for name in self.order)
        return connection.exec_driver_sql(self.text, given).fetchone()


def find(
    connection: sa.Connection,
    database: Database,
    catalog: Catalog,
    *,
    proof: Proof,
    key: str,
    now: dt.datetime,
    locale: str,
    zone: str,
) -> Opened | None:
    """Find who presents this secret, login or id; None where it is nobody, is over, or the user is disabled.

    A token that is over raises `NotSignedIn` and says whether it was revoked or has expired: whoever holds the secret
    may know, and has to do something about it. Any catalog will do for the statement: physical names are chosen once.
    Which catalog counts is in the answer.
    """
    statement = catalog.memo(_statement, database, proof)
    asked = sessions.digest(key) if proof in ("session", "token") else key
    values = _values(database.dialect, proof, asked, now)
    row = statement.run(connection, values)
    if row is None:
        return None
    user_id, login, name, own_locale, own_zone, superior, *rest = row
    is_administrator, fingerprint, roles, units, extra, is_stale, over = rest
    if over:
        raise NotSignedIn(_OVER[over])
    held = frozenset(roles.split(",") if roles else ()) - {ADMINISTRATOR}
    actor = Actor(
        id=user_id,
        name=name or "",
        roles=held | {ADMINISTRATOR} if is_administrator else held,
        units=tuple(units.split(",")) if units else (),
        superior=superior,
        locale=own_locale or locale,
        zone=own_zone if own_zone and _is_zone(own_zone) else zone,
        token_scope=_scope(extra) if proof == "token" else None,
        facts={"login": login},
    )
    csrf = extra if proof == "session" else ""
    return Opened(actor, fingerprint or "", proof, asked, csrf, bool(is_stale))


def note_use(database: Database, opened: Opened, now: dt.datetime) -> None:
    """Write that a session or a token is in use: rarely, and in a transaction that is not a reader's.

    It is a convenience: where the database is busy it is left for the next request.
    """
    note = sessions.seen if opened.proof == "session" else tokens.used
    try:
        with database.open(write=True) as connection:
            note(connection, opened.digest, now)
    except sa.exc.OperationalError as error:
        log.info("the use of a %s was not noted: %s", opened.proof, error.orig)


def _is_zone(name: str) -> bool:
    """Whether a name that a person entered is a time zone; a wrong one must not lock them out."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _scope(stored: str | None) -> frozenset[str] | None:
    scope = tokens.read_scope(stored)
    return None if scope is None else frozenset(scope)


def _values(dialect: str, proof: Proof, key: str, now: dt.datetime) -> dict[str, Any]:
    match proof:
        case "session":
            moments = {"now": now, "idle": now - sessions.IDLE, "stale": now - sessions.SEEN_EVERY}
        case "token":
            moments = {"now": now, "stale": now - tokens.USED_EVERY}
        case _:
            moments = {}
    if dialect == "sqlite":
        return {"key": key, **{name: _sqlite_moment(moment) for name, moment in moments.items()}}
    return {"key": key, **moments}


def _sqlite_moment(moment: dt.datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(" ", "milliseconds")


def _statement(catalog: Catalog, database: Database, proof: Proof) -> Statement:
    found = people.of(catalog)
    is_postgresql = database.dialect == "postgresql"

    def text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        return sa.cast(column, sa.Text) if is_postgresql else column

    def user(field: str) -> sa.ColumnElement[Any]:
        return found.column("user", field)

    state = platform_tables.catalog_state
    extra, is_stale, source, conditions = _by(found, proof)
    query = (
        sa.select(
            text(user("id")),
            user("login"),
            user("name"),
            user("locale"),
            user("timezone"),
            text(user("superior")),
            user("is_administrator"),
            sa.select(state.c.fingerprint).scalar_subquery(),
            _roles(found, is_postgresql=is_postgresql),
            _units(found, is_postgresql=is_postgresql),
            extra,
            is_stale,
            _over() if proof == "token" else sa.null(),
        )
        .select_from(source)
        .where(user("active").is_(sa.true()), *conditions)
    )
    compiled = query.compile(dialect=database.engine.dialect)
    order = tuple(compiled.positiontup) if compiled.positional and compiled.positiontup is not None else None
    return _finished(str(compiled), order, compiled.params)


def _finished(text: str, order: tuple[str, ...] | None, params: dict[str, Any]) -> Statement:
    left = [name for name in params if name not in ("key", "now", "idle", "stale")]
    if left:
        raise RuntimeError(f"the opening statement has parameters that nobody fills: {left!r}")
    return Statement(text, order)


def _by(
    found: people.People, proof: Proof
) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any], sa.FromClause, list[sa.ColumnElement[bool]]]:
    """Say how a user is found: the further column, whether its use is to be noted, from where, and when it holds."""
    user_id = found.column("user", "id")
    key = sa.bindparam("key", type_=sa.Text())
    now, stale = sa.bindparam("now", type_=Moment()), sa.bindparam("stale", type_=Moment())
    match proof:
        case "session":
            table = platform_tables.session
            idle = sa.bindparam("idle", type_=Moment())
            conditions = [table.c.hash == key, table.c.expires_at > now, table.c.seen_at > idle]
            return table.c.csrf, table.c.seen_at < stale, table.join(found.user, user_id == table.c.user), conditions
        case "token":
            table = platform_tables.token
            is_stale = sa.or_(table.c.used_at.is_(None), table.c.used_at < stale)
            return table.c.scope, is_stale, table.join(found.user, user_id == table.c.user), [table.c.hash == key]
        case "login":
            return sa.null(), sa.false(), found.user, [found.column("user", "login") == key]
        case "user":
            return sa.null(), sa.false(), found.user, [user_id == sa.bindparam("key", type_=user_id.type)]


def _over() -> sa.ColumnElement[str]:
    """Say why a token holds no longer, in a word; null while it does."""
    table = platform_tables.token
    now = sa.bindparam("now", type_=Moment())
    said: sa.ColumnElement[str] = sa.case(
        (table.c.revoked_at.is_not(None), sa.literal_column("'revoked'", sa.Text())),
        (table.c.expires_at <= now, sa.literal_column("'expired'", sa.Text())),
    )
    return said


_COMMA: sa.ColumnElement[str] = sa.literal_column("','", sa.Text())


def _roles(found: people.People, *, is_postgresql: bool) -> sa.ColumnElement[Any]:
    role = found.column("role_assignment", "role")
    joined = sa.func.string_agg(role, _COMMA) if is_postgresql else sa.func.group_concat(role, _COMMA)
    held = sa.select(joined).where(found.column("role_assignment", "user") == found.column("user", "id"))
    return held.correlate(found.user).scalar_subquery()


def _units(found: people.People, *, is_postgresql: bool) -> sa.ColumnElement[Any]:
    """The ids of a user's units, the main one first."""
    unit, main = found.column("membership", "unit"), found.column("membership", "main")
    first: sa.ColumnElement[Any] = sa.case((main.is_(sa.true()), sa.literal_column("0")), else_=sa.literal_column("1"))
    order = (first, found.column("membership", "id"))
    mine = found.column("membership", "user") == found.column("user", "id")
    if is_postgresql:
        joined = sa.func.string_agg(sa.cast(unit, sa.Text), aggregate_order_by(_COMMA, *order))
        return sa.select(joined).where(mine).correlate(found.user).scalar_subquery()
    inner = sa.select(unit.label("unit")).where(mine).order_by(*order).correlate(found.user).subquery("units")
    return sa.select(sa.func.group_concat(inner.c.unit, _COMMA)).correlate(found.user).scalar_subquery()
