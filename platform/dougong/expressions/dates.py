"""days, months and time zones, alike in all evaluators"""

from __future__ import annotations

import calendar
import datetime as dt
from zoneinfo import ZoneInfo

from dougong.expressions.errors import Overflow

_MOST_DAYS = 4_000_000
"""More days than there are between the years 1 and 9999."""


def shift_date(day: dt.date, months: int, days: int) -> dt.date:
    """Go on by months, to the same day or the last one of a shorter month, and then by days."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR or abs(days) > _MOST_DAYS:
        raise _outside()
    last = calendar.monthrange(year, month + 1)[1]
    try:
        return dt.date(year, month + 1, min(day.day, last)) + dt.timedelta(days)
    except OverflowError:
        raise _outside() from None


def shift_moment(moment: dt.datetime, months: int, days: int, zone: str) -> dt.datetime:
    """Go on by months and days on the clock of a zone: nine o'clock stays nine o'clock."""
    try:
        local = moment.astimezone(ZoneInfo(zone))
        wall = dt.datetime.combine(shift_date(local.date(), months, days), local.time().replace(tzinfo=None))
        return (wall - _winter_offset(wall, zone)).replace(tzinfo=dt.UTC)
    except OverflowError:
        raise _outside() from None


def date_of(moment: dt.datetime, zone: str) -> dt.date:
    """Say which day it was in a zone."""
    try:
        return moment.astimezone(ZoneInfo(zone)).date()
    except OverflowError:
        raise _outside() from None


def start_of_day(day: dt.date, zone: str) -> dt.datetime:
    """Give the moment at which a day begins in a zone."""
    try:
        return dt.datetime.combine(day, dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)
    except OverflowError:
        raise _outside() from None


def to_the_millisecond(moment: dt.datetime) -> dt.datetime:
    """Cut a moment to what the databases keep, in UTC."""
    utc = moment.astimezone(dt.UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _winter_offset(wall: dt.datetime, zone: str) -> dt.timedelta:
    """Give the offset of a zone at a time on the wall; where clocks are changed the smaller one, as PostgreSQL does."""
    offsets = (wall.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() or dt.timedelta() for fold in (0, 1))
    return min(offsets)


def _outside() -> Overflow:
    return Overflow("The date is outside the years 1 to 9999.")
