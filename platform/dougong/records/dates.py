"""which records have a date that has come: for what is done some days before or after it"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator

from dougong.context import Context
from dougong.definitions.kinds.trigger import Trigger
from dougong.records import service as records
from dougong.records.query import MOST_RECORDS, Query

LATE = dt.timedelta(days=2)
"""What came earlier than this is not made up for: no worker ran for long, or whoever asks is new."""
AT = "09:00"


def come(ctx: Context, object_name: str, trigger: Trigger, now: dt.datetime) -> Iterator[tuple[str, str]]:
    """Give the records whose date has come within the last days, each with that date as text."""
    name = trigger.field or ""
    query = Query(where=_window(ctx, object_name, trigger, now), fields=("id", name), limit=MOST_RECORDS, sort=(name,))
    while True:
        page = records.list(ctx, object_name, query)
        for record in page.records:
            date = record.values[name]
            if now - LATE < _moment(ctx, trigger, date) <= now:
                yield record.id, date.isoformat()
        if page.next is None:
            return
        query = Query(where=query.where, fields=query.fields, limit=query.limit, sort=query.sort, cursor=page.next)


def _window(ctx: Context, object_name: str, trigger: Trigger, now: dt.datetime) -> str:
    """Give a condition for the records that may be due, a day wider on both sides than the days that are."""
    first = (now - LATE - dt.timedelta(days=trigger.days + 1)).date()
    last = (now - dt.timedelta(days=trigger.days - 1)).date()
    kind = ctx.catalog.type_of(object_name, trigger.field or "")
    tail = "T00:00:00Z" if kind is not None and kind.sort == "moment" else ""
    return f'{trigger.field} >= "{first}{tail}" and {trigger.field} <= "{last}{tail}"'


def _moment(ctx: Context, trigger: Trigger, date: dt.date | dt.datetime) -> dt.datetime:
    """Give when it is due: so many days from the date, at the time of day in the instance's zone."""
    zone = zoneinfo.ZoneInfo(ctx.zone)
    days = dt.timedelta(days=trigger.days)
    if isinstance(date, dt.datetime):
        if trigger.at is None:
            return date + days
        date = date.astimezone(zone).date()
    return dt.datetime.combine(date + days, dt.time.fromisoformat(trigger.at or AT), zone).astimezone(dt.UTC)
