"""what a person was told: their notifications, read and unread, and by which ways they want to hear"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from dougong.base.errors import BadRequest, NotFound
from dougong.base.names import is_id
from dougong.base.text import Message
from dougong.context import Context
from dougong.definitions.kinds.notification import Notification
from dougong.features.activity.notifications import OTHERS
from dougong.records import service as records
from dougong.storage.platform_tables import notification as table
from dougong.storage.platform_tables import notification_choice as choice

MOST_LISTED = 200
COUNTED_TO = 99
"""A badge counts no further."""

_t = table.c


@dataclass(frozen=True)
class Told:
    """One notification of a person."""

    id: str
    at: dt.datetime
    name: str
    title: str
    body: str
    href: str
    object: str | None
    record: str | None
    read_at: dt.datetime | None


@dataclass(frozen=True)
class Ways:
    """By which ways a person hears of one notification."""

    name: str
    label: Message
    app: bool
    mail: bool


def unread(connection: sa.Connection, user_id: str) -> int:
    """Count what a person has not read, up to one more than a badge shows."""
    some = sa.select(sa.literal(1)).where(*_mine(user_id), _t.read_at.is_(None)).limit(COUNTED_TO + 1)
    return connection.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one()


def _mine(user_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (_t.user == user_id, _t.in_app)


def list(  # noqa: A001 -- the verb people use
    ctx: Context, *, which: Literal["all", "unread", "read"] = "all", before: str | None = None, limit: int = 50
) -> tuple[Told, ...]:
    """Give the actor's notifications, the newest first. `before` is the last id of a page."""
    query = sa.select(table).where(*_mine(ctx.actor.id)).order_by(_t.id.desc()).limit(limit)
    if which != "all":
        query = query.where(_t.read_at.is_(None) if which == "unread" else _t.read_at.is_not(None))
    if before is not None:
        if not is_id(before):
            raise BadRequest(Message("This cursor does not belong to this list. Start again from the first page."))
        query = query.where(_t.id < before)
    return tuple(
        Told(each.id, each.at, each.name, each.title, each.body, each.href, each.object, each.record, each.read_at)
        for each in ctx.connection.execute(query)
    )


def get(ctx: Context, notification_id: str) -> Told:
    """Give one of the actor's notifications, or raise `NotFound`."""
    found = sa.select(table).where(*_mine(ctx.actor.id), _t.id == notification_id)
    each = ctx.connection.execute(found).one_or_none() if is_id(notification_id) else None
    if each is None:
        raise NotFound(Message("There is no such notification.", code="not_found"))
    return Told(each.id, each.at, each.name, each.title, each.body, each.href, each.object, each.record, each.read_at)


def mark_read(ctx: Context, notification_id: str | None = None) -> int:
    """Note that the actor has read one notification, or all; give how many were unread."""
    if notification_id is not None:
        get(ctx, notification_id)
    mine = sa.update(table).where(*_mine(ctx.actor.id), _t.read_at.is_(None))
    if notification_id is not None:
        mine = mine.where(_t.id == notification_id)
    return ctx.connection.execute(mine.values(read_at=ctx.now())).rowcount


def ways(ctx: Context) -> tuple[Ways, ...]:
    """Give by which ways the actor hears of what may concern them."""
    query = sa.select(choice.c.name, choice.c.app, choice.c.mail).where(choice.c.user == ctx.actor.id)
    chosen = {name: (app, mail) for name, app, mail in ctx.connection.execute(query)}
    found = []
    for each in sorted(ctx.catalog.of(Notification).values(), key=lambda each: each.name):
        if records.may(ctx, "read", each.object):
            app, mail = chosen.get(each.name, ("app" in each.channels, "mail" in each.channels))
            found.append(Ways(each.name, Message("{label}", label=each.shown_label()), app, mail))
    app, mail = chosen.get(OTHERS, (True, True))
    return (*found, Ways(OTHERS, Message("Approvals and everything else"), app, mail))


def choose(ctx: Context, chosen: Mapping[str, tuple[bool, bool]]) -> None:
    """Keep by which ways the actor wants to hear: (in the application, by mail) by name."""
    for each in ways(ctx):
        wanted = chosen.get(each.name)
        if wanted is None or wanted == (each.app, each.mail):
            continue
        mine = sa.and_(choice.c.user == ctx.actor.id, choice.c.name == each.name)
        ctx.connection.execute(sa.delete(choice).where(mine))
        row = {"user": ctx.actor.id, "name": each.name, "app": wanted[0], "mail": wanted[1]}
        ctx.connection.execute(sa.insert(choice), row)
