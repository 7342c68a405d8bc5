"""days of the calendar"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import sqlalchemy as sa
from babel.dates import format_date

from dougong.sdk import (
    Column,
    FieldType,
    InvalidValue,
    Message,
    Reading,
    Showing,
    Text,
    hookimpl,
    locale_of,
    narrow,
    show_brief_date,
    types,
)

_LONGEST = 40
_DAY = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日?)"
    r"(?:[T ]00:00(?::00(?:[.]0+)?)?)?"  # as spreadsheets and other databases write a day
)


class Date(FieldType[dt.date]):
    """A day, without a zone: the same day for everyone."""

    name = "date"
    label = Text({"en": "Date", "zh-CN": "日期"})
    widget = "date"
    comparisons = ("is", "is_not", "at_least", "at_most", "is_blank", "is_not_blank")

    def columns(self) -> tuple[Column, ...]:
        return (Column("", sa.Date()),)

    def expression_type(self) -> types.Type:
        return types.DATE

    def parse(self, raw: Any, reading: Reading) -> dt.date:
        if isinstance(raw, dt.date) and not isinstance(raw, dt.datetime):
            return raw
        # Only years first: what 03/04/2026 means depends on where one was born.
        found = _DAY.fullmatch(narrow(raw).strip()) if isinstance(raw, str) and len(raw) <= _LONGEST else None
        if found is None:
            raise InvalidValue(Message("Enter a date, such as {example}.", code="date_unclear", example="2026-11-22"))
        try:
            return dt.date(int(found[1]), int(found[3] or found[5]), int(found[4] or found[6]))
        except ValueError:
            raise InvalidValue(Message("There is no such day in the calendar.", code="date_impossible")) from None

    def format(self, value: dt.date, showing: Showing) -> str:
        return format_date(value, "medium", locale=locale_of(showing.locale))

    def brief(self, value: dt.date, showing: Showing) -> str:
        return show_brief_date(value, showing.locale, showing.today)

    def dump(self, value: dt.date) -> str:
        return value.isoformat()

    def write_cell(self, value: dt.date) -> dt.date:
        return value

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [Date]
