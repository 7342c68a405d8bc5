"""what the caller was told, as JSON"""

from __future__ import annotations

from typing import Any

from flask import Response

from dougong.context import Context
from dougong.features.activity import centre
from dougong.web.api import reading, showing
from dougong.web.unit_of_work import Call


def list_all(ctx: Context, call: Call) -> Response:
    """Give the caller's notifications, the newest first, and how many are unread (to 100)."""
    given = reading.parameters(call.request, ("limit", "cursor", "unread"))
    limit = reading.whole_number(given, "limit", default=50, least=1, most=centre.MOST_LISTED)
    only_unread = reading.yes_or_no(given, "unread")
    found = centre.list(ctx, which="unread" if only_unread else "all", before=given.get("cursor"), limit=limit)
    return showing.answer(
        {
            "notifications": [_shown(each) for each in found],
            "next": found[-1].id if len(found) == limit else None,
            "unread": centre.unread(ctx.connection, ctx.actor.id),
        }
    )


def read_one(ctx: Context, call: Call, notification_id: str) -> Response:
    """Mark one as read."""
    reading.parameters(call.request, ())
    centre.mark_read(ctx, notification_id)
    return showing.answer(_shown(centre.get(ctx, notification_id)))


def read_all(ctx: Context, call: Call) -> Response:
    """Mark all as read."""
    reading.parameters(call.request, ())
    return showing.answer({"read": centre.mark_read(ctx)})


def _shown(told: centre.Told) -> dict[str, Any]:
    return {
        "id": told.id,
        "at": showing.moment(told.at),
        "name": told.name,
        "title": told.title,
        "body": told.body,
        "href": told.href,
        "object": told.object,
        "record": told.record,
        "read_at": showing.moment(told.read_at),
    }
