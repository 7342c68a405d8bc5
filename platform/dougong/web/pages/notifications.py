"""what one was told: read and unread, and the bell that counts them while the page is open"""

from __future__ import annotations

import time
from collections.abc import Iterator

import orjson
from flask import Response

from dougong.base.text import Message
from dougong.context import Context
from dougong.engine import Engine
from dougong.features.activity import centre
from dougong.web.pages.frame import answer, frame, go, look
from dougong.web.pages.route import Visit
from dougong.web.present import address
from dougong.web.present import notifications as present

ON_PAGE = 50
EVENTS = "text/event-stream; charset=utf-8"
HELD_SECONDS = 15.0
"""So long an answer stays open; then the browser asks again, and others may have the place."""
LOOK_SECONDS = 1.0
SOON, LATER = 2_000, 20_000
"""When the browser asks again, in milliseconds: after its turn, and where there is no place."""


def show(ctx: Context, visit: Visit) -> Response:
    """Show one's notifications, the unread ones first."""
    seen = look(ctx)
    before = visit.request.args.get("before") or None
    unread = centre.list(ctx, which="unread", limit=ON_PAGE) if before is None else ()
    read = centre.list(ctx, which="read", before=before, limit=ON_PAGE)
    page = present.NotificationsPage(
        frame=frame(ctx, visit, Message("Notifications").show(seen.locale)),
        unread=present.rows(unread, locale=seen.locale, zone=ctx.actor.zone),
        read=present.rows(read, locale=seen.locale, zone=ctx.actor.zone),
        next_href=address.notifications(before=read[-1].id) if len(read) == ON_PAGE else "",
        has_more_unread=len(unread) == ON_PAGE,
    )
    return answer(visit, "notifications.html", page, locale=seen.locale)


def open_one(ctx: Context, visit: Visit, notification_id: str) -> Response:
    """Mark one as read, and go where it leads."""
    found = centre.get(ctx, notification_id)
    centre.mark_read(ctx, notification_id)
    stays = visit.request.form.get("stay") == "1"
    leads = address.is_local(found.href) and not stays
    return go(found.href if leads else address.notifications())


def read_all(ctx: Context, visit: Visit) -> Response:
    """Mark all as read."""
    centre.mark_read(ctx)
    return go(address.notifications(), "all_read")


def stream(ctx: Context, visit: Visit) -> Response:
    """Tell the bell how many are unread, for a while. It runs when the request's own transaction is over."""
    leave = visit.streams.take()
    if leave is None:
        said = _event(_unread(visit.engine, ctx.actor.id), LATER)
        return Response(said, content_type=EVENTS, headers={"Cache-Control": "no-store"})
    response = Response(_events(visit.engine, ctx.actor.id), content_type=EVENTS)
    response.headers.update({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    response.call_on_close(leave)
    return response


def _events(engine: Engine, user_id: str) -> Iterator[str]:
    until = time.monotonic() + HELD_SECONDS
    told = _unread(engine, user_id)
    yield _event(told, SOON)
    while time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
        now = _unread(engine, user_id)
        # A comment shows a browser that went away, and frees the place.
        yield ":\n\n" if now == told else _event(now, SOON)
        told = now


def _unread(engine: Engine, user_id: str) -> int:
    with engine.database.open(write=False) as connection:
        return centre.unread(connection, user_id)


def _event(unread: int, retry: int) -> str:
    return f"retry: {retry}\ndata: {orjson.dumps({'unread': unread}).decode()}\n\n"
