"""moments"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from typing import Any

from babel.dates import format_date, format_time, get_datetime_format

from dougong.sdk import (
    Column,
    FieldType,
    InvalidValue,
    Message,
    Moment,
    Reading,
    Showing,
    Text,
    hookimpl,
    locale_of,
    narrow,
    show_brief_date,
    types,
)

_LONGEST = 60
_MOMENT = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)"
    r"(?:T| *)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r" *(Z|z|[+-][0-9]{2}:?[0-9]{2})?"
)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}Z?")
"""As programs write it: Python's own reader is ten times as quick as ours."""
# A day inside the calendar's ends, so that every zone can show it.
_FIRST = dt.datetime(1, 1, 2, tzinfo=dt.UTC)
_LAST = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)


class DateTime(FieldType[dt.datetime]):
    """A moment, kept in UTC to the millisecond, and shown in each reader's zone.

    Text without a zone is meant in the zone of who wrote it. Where clocks go forward, the hour left out is
    refused; where they go back, the first of the two is meant. Beyond milliseconds digits are dropped.
    """

    name = "datetime"
    label = Text({"en": "Date and time", "zh-CN": "日期时间"})
    widget = "datetime"
    comparisons = ("is", "at_least", "at_most", "is_blank", "is_not_blank")

    def columns(self) -> tuple[Column, ...]:
        return (Column("", Moment()),)

    def expression_type(self) -> types.Type:
        return types.MOMENT

    def parse(self, raw: Any, reading: Reading) -> dt.datetime:
        moment = raw if isinstance(raw, dt.datetime) else _from_text(raw)
        try:
            if moment.tzinfo is None:
                moment = _in_zone(moment, zoneinfo.ZoneInfo(reading.zone))
            moment = moment.astimezone(dt.UTC)
        except OverflowError:
            raise _impossible() from None
        if not _FIRST <= moment < _LAST:
            raise _impossible()
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def format(self, value: dt.datetime, showing: Showing) -> str:
        local = value.astimezone(zoneinfo.ZoneInfo(showing.zone))
        locale = locale_of(showing.locale)
        # An author's date in the usual length, and a time without seconds.
        day, time = (
            format_date(local.date(), "medium", locale=locale),
            format_time(local.time(), "short", locale=locale),
        )
        return str(get_datetime_format("medium", locale=locale)).replace("{1}", day).replace("{0}", time)

    def brief(self, value: dt.datetime, showing: Showing) -> str:
        local = value.astimezone(zoneinfo.ZoneInfo(showing.zone))
        if local.date() == showing.today:
            return str(format_time(local.time(), "short", locale=locale_of(showing.locale)))
        return show_brief_date(local.date(), showing.locale, showing.today)

    def entry(self, value: dt.datetime, showing: Showing) -> str:
        local = value.astimezone(zoneinfo.ZoneInfo(showing.zone)).replace(tzinfo=None)
        spec = "milliseconds" if local.microsecond else "seconds" if local.second else "minutes"
        return local.isoformat("T", spec)

    def dump(self, value: dt.datetime) -> str:
        return value.replace(tzinfo=None).isoformat("T", "milliseconds") + "Z"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


def _from_text(raw: Any) -> dt.datetime:
    if isinstance(raw, str) and _ISO.fullmatch(raw):
        try:
            return dt.datetime.fromisoformat(raw)
        except ValueError:
            raise _impossible() from None
    found = _MOMENT.fullmatch(narrow(raw).strip()) if isinstance(raw, str) and len(raw) <= _LONGEST else None
    if found is None:
        example = "2026-11-22 14:30"
        raise InvalidValue(
            Message("Enter a date and a time, such as {example}.", code="moment_unclear", example=example)
        )
    year, month, day = int(found[1]), int(found[3] or found[5]), int(found[4] or found[6])
    thousandths = int((found[10] or "").ljust(3, "0")[:3])
    try:
        return dt.datetime(
            year,
            month,
            day,
            int(found[7]),
            int(found[8]),
            int(found[9] or 0),
            thousandths * 1000,
            _offset(found[11]),
        )
    except ValueError:
        raise _impossible() from None


def _offset(said: str | None) -> dt.tzinfo | None:
    if said is None:
        return None
    if said in "Zz":
        return dt.UTC
    minutes = int(said[1:3]) * 60 + int(said[-2:])
    return dt.timezone(dt.timedelta(minutes=-minutes if said[0] == "-" else minutes))


def _in_zone(local: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    moment = local.replace(tzinfo=zone, fold=0)
    if moment.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None, fold=0) != local:
        text = "The clocks went forward over this time in {zone}. Enter one that there was."
        raise InvalidValue(Message(text, code="moment_skipped", zone=zone.key))
    return moment


def _impossible() -> InvalidValue:
    return InvalidValue(Message("There is no such time.", code="moment_impossible"))


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [DateTime]
