"""a calendar: records on the days of a month, a week or a day"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from babel.dates import format_date, format_interval, format_time, get_day_names

from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.definitions.kinds.view import Calendar as Definition
from dougong.definitions.kinds.view import ColourRule
from dougong.records.query import Record
from dougong.sdk.numbers import locale_of
from dougong.web.present import address
from dougong.web.present.cards import Card, cards
from dougong.web.present.listing import Asked
from dougong.web.present.page import Link
from dougong.web.present.value import Look, choices_of

Span = Literal["month", "week", "day"]
SPANS: tuple[Span, ...] = ("month", "week", "day")
MOST_ON_A_DAY = 4
"""Entries that a day of a month shows; the others are counted, and stand on the page of the day."""
USUAL_HOURS = range(8, 19)
_FIRST, _LAST = dt.date(1900, 1, 1), dt.date(2199, 12, 31)


@dataclass(frozen=True)
class Period:
    """What an address asks to see."""

    span: Span
    """Month, week or day."""
    on: dt.date
    """A day of it."""
    first: dt.date
    """The first day that is shown."""
    last: dt.date
    """The last day that is shown."""

    def days(self) -> list[dt.date]:
        """Give all days that are shown."""
        return [self.first + dt.timedelta(days=at) for at in range((self.last - self.first).days + 1)]


@dataclass(frozen=True)
class Entry:
    """A record on one of its days."""

    card: Card
    """The record."""
    time: str = ""
    """When it begins, on its first day; blank for whole days."""
    goes_on: bool = False
    """Whether it began before this day."""
    goes_further: bool = False
    """Whether it ends after this day."""
    hour: int | None = None
    """The hour of the day it stands at; None for whole days."""
    label: str = ""
    """The whole of it in words, for a title."""


@dataclass(frozen=True)
class Hour:
    """One hour of one day."""

    hour: int
    """0 to 23."""
    entries: tuple[Entry, ...]
    """What begins in it."""
    new_href: str = ""
    """The form for a new record at this hour."""


@dataclass(frozen=True)
class Day:
    """One day."""

    date: str
    """2026-11-22."""
    number: str
    """22."""
    label: str
    """The whole date in words."""
    href: str
    """The page of the day."""
    entries: tuple[Entry, ...]
    """What stands on it: in a month the first few."""
    more: int = 0
    """How many more there are."""
    hours: tuple[Hour, ...] = ()
    """In a week or a day of moments: hour by hour; `entries` are then those of whole days."""
    new_href: str = ""
    """The form for a new record on this day; blank for those who may not."""
    is_today: bool = False
    """Whether it is today where the reader is."""
    is_outside: bool = False
    """Whether it belongs to the month before or after."""


@dataclass(frozen=True)
class Calendar:
    """Records on days."""

    span: str
    """`month`, `week` or `day`."""
    heading: str
    """What is shown, in words: November 2026."""
    weekdays: tuple[str, ...]
    """The names of the days, in their order."""
    days: tuple[Day, ...]
    """All days that are shown."""
    hours: tuple[str, ...]
    """The hours that are shown, in words; none where there are only whole days."""
    spans: tuple[Link, ...]
    """Month, week, day."""
    today_href: str
    """Where today is."""
    previous_href: str
    """What was before."""
    next_href: str
    """What comes after."""
    here: str
    """The calendar's own address, to come back to."""
    can_move: bool = False
    """Whether this person may move any entry."""
    start: str = ""
    """How the addresses of its records begin."""
    is_cut: bool = False
    """Whether there are more records than are shown."""
    sort: str = "date"
    """`date` or `moment`: what a day consists of."""


def period(query: Mapping[str, str], today: dt.date, locale: str) -> Period:
    """Read what an address asks to see; what makes no sense is this month."""
    span: Span = next((each for each in SPANS if each == query.get("span")), "month")
    try:
        on = min(max(dt.date.fromisoformat(query.get("on", "")), _FIRST), _LAST)
    except ValueError:
        on = today
    if span == "day":
        return Period(span, on, on, on)
    begins = int(locale_of(locale).first_week_day)
    if span == "week":
        first = _week(on, begins)
        return Period(span, on, first, first + dt.timedelta(days=6))
    last_of_month = _next_month(on.replace(day=1)) - dt.timedelta(days=1)
    return Period(span, on, _week(on.replace(day=1), begins), _week(last_of_month, begins) + dt.timedelta(days=6))


def _week(day: dt.date, begins: int) -> dt.date:
    return day - dt.timedelta(days=(day.weekday() - begins) % 7)


def _next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def within(shown: Period, definition: Definition, *, of_moments: bool, zone: str) -> str:
    """Write the condition for records that touch a period."""
    start, end = definition.start, definition.end
    first = _literal(shown.first, of_moments=of_moments, zone=zone)
    after = _literal(shown.last + dt.timedelta(days=1), of_moments=of_moments, zone=zone)
    if end is None:
        return f"{start} >= {first} and {start} < {after}"
    return f"{start} < {after} and ({end} >= {first} or {start} >= {first})"


def _literal(day: dt.date, *, of_moments: bool, zone: str) -> str:
    if not of_moments:
        return f'"{day.isoformat()}"'
    begins = dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)
    return f'"{begins:%Y-%m-%dT%H:%M:%S}Z"'


def calendar(
    look: Look,
    model: ObjectModel,
    definition: Definition,
    asked: Asked,
    shown: Period,
    records: Sequence[Record],
    names: Sequence[str],
    rules: Sequence[ColourRule],
    *,
    today: dt.date,
    may_create: bool,
    can_move: bool,
    here: str,
    is_cut: bool,
) -> Calendar:
    """Present the records of a period on its days."""
    kind = model.field(definition.start).type.expression_type()
    of_moments = kind is not None and kind.sort == "moment"
    laid = _Laying(look, model, definition, of_moments=of_moments)
    on_days = laid.on_days(shown, records, cards(look, model, names, records, rules))
    by_hours = of_moments and shown.span != "month"
    hours = _hours(on_days) if by_hours else range(0)
    start = definition.start if may_create else ""
    days = tuple(
        _day(look, model, asked, shown, day, on_days.get(day, []), today=today, hours=hours, start=start,
             of_moments=of_moments)
        for day in shown.days()
    )  # fmt: skip
    return Calendar(
        span=shown.span,
        heading=_heading(shown, look.locale),
        weekdays=_weekdays(shown, look.locale),
        days=days,
        hours=tuple(str(format_time(dt.time(hour), "short", locale=locale_of(look.locale))) for hour in hours),
        spans=_spans(look, asked, shown),
        today_href=_href(asked, shown.span, today),
        previous_href=_href(asked, shown.span, _step(shown, -1)),
        next_href=_href(asked, shown.span, _step(shown, 1)),
        here=here,
        can_move=can_move,
        start=f"/o/{model.name}/",
        is_cut=is_cut,
        sort="moment" if of_moments else "date",
    )


class _Laying:
    """How records are laid on days."""

    def __init__(self, look: Look, model: ObjectModel, definition: Definition, *, of_moments: bool) -> None:
        self.look = look
        self.definition = definition
        self.of_moments = of_moments
        self.zone = zoneinfo.ZoneInfo(look.showing.zone)
        field = model.fields.get(definition.colour_by or "")
        options = choices_of(field, look) if field else ()
        self.colours = {option.value: option.colour or "" for option in options}

    def on_days(
        self, shown: Period, records: Sequence[Record], laid: Sequence[Card]
    ) -> dict[dt.date, list[tuple[tuple[Any, ...], Entry]]]:
        """Give the entries of each day, each with what it is sorted by."""
        found: dict[dt.date, list[tuple[tuple[Any, ...], Entry]]] = {}
        for record, card in zip(records, laid, strict=True):
            begins = self._local(record.get(self.definition.start))
            if begins is None:
                continue
            ends = self._local(record.get(self.definition.end)) if self.definition.end else None
            coloured = replace(card, hue=card.hue or self._colour(record))
            for day, entry in self._entries(shown, coloured, begins, ends if ends and ends > begins else begins):
                key = (not entry.goes_on, entry.time != "", begins, card.id)
                found.setdefault(day, []).append((key, entry))
        for entries in found.values():
            entries.sort(key=lambda each: each[0])
        return found

    def _colour(self, record: Record) -> str:
        return self.colours.get(str(record.get(self.definition.colour_by or "")), "")

    def _local(self, value: Any) -> dt.datetime | None:
        if value is None:
            return None
        if isinstance(value, dt.datetime):
            return value.astimezone(self.zone).replace(tzinfo=None)
        return dt.datetime.combine(value, dt.time())

    def _entries(
        self, shown: Period, card: Card, begins: dt.datetime, ends: dt.datetime
    ) -> Iterable[tuple[dt.date, Entry]]:
        first, last = begins.date(), ends.date()
        if self.of_moments and last > first and ends.time() == dt.time():
            last -= dt.timedelta(days=1)  # what ends at midnight does not stand on the next day
        is_one_day = first == last
        time = str(format_time(begins.time(), "short", locale=locale_of(self.look.locale))) if self.of_moments else ""
        day = max(first, shown.first)
        while day <= min(last, shown.last):
            is_first = day == first
            yield (
                day,
                Entry(
                    card=card,
                    time=time if is_first else "",
                    goes_on=not is_first,
                    goes_further=day < last,
                    hour=begins.hour if self.of_moments and is_one_day else None,
                    label=" ".join(each for each in (time, card.title.text) if each),
                ),
            )
            day += dt.timedelta(days=1)


def _hours(on_days: Mapping[dt.date, list[tuple[tuple[Any, ...], Entry]]]) -> range:
    """Give the hours that are shown: a working day, and whatever something stands at."""
    used = [entry.hour for entries in on_days.values() for _, entry in entries if entry.hour is not None]
    return range(min([USUAL_HOURS.start, *used]), max([USUAL_HOURS.stop - 1, *used]) + 1)


def _day(
    look: Look,
    model: ObjectModel,
    asked: Asked,
    shown: Period,
    day: dt.date,
    placed: Sequence[tuple[tuple[Any, ...], Entry]],
    *,
    today: dt.date,
    hours: range,
    start: str,
    of_moments: bool,
) -> Day:
    every = tuple(entry for _, entry in placed)
    entries = tuple(each for each in every if each.hour is None) if hours else every
    most = MOST_ON_A_DAY if shown.span == "month" else len(entries)
    cut = most - 1 if len(entries) > most else most
    begins = f"{day.isoformat()}T09:00" if of_moments else day.isoformat()
    return Day(
        date=day.isoformat(),
        number=str(day.day),
        label=str(format_date(day, "full", locale=locale_of(look.locale))),
        href=_href(asked, "day", day),
        entries=entries[:cut],
        more=len(entries) - len(entries[:cut]),
        hours=tuple(
            Hour(
                hour,
                tuple(each for each in every if each.hour == hour),
                address.new(model.name, **{start: f"{day.isoformat()}T{hour:02}:00"}) if start else "",
            )
            for hour in hours
        ),
        new_href=address.new(model.name, **{start: begins}) if start else "",
        is_today=day == today,
        is_outside=shown.span == "month" and day.month != shown.on.month,
    )


def _heading(shown: Period, locale: str) -> str:
    tongue = locale_of(locale)
    match shown.span:
        case "day":
            return str(format_date(shown.on, "full", locale=tongue))
        case "week":
            return str(format_interval(shown.first, shown.last, "yMMMd", locale=tongue))
        case "month":
            pattern = "y年M月" if tongue.language == "zh" else "MMMM y"
            return str(format_date(shown.on, pattern, locale=tongue))


def _weekdays(shown: Period, locale: str) -> tuple[str, ...]:
    names = get_day_names("abbreviated", locale=locale_of(locale))
    return tuple(str(names[day.weekday()]) for day in shown.days()[:7])


def _spans(look: Look, asked: Asked, shown: Period) -> tuple[Link, ...]:
    labels = {"month": Message("Month"), "week": Message("Week"), "day": Message("Day")}
    return tuple(
        Link(labels[span].show(look.locale), _href(asked, span, shown.on), is_current=span == shown.span)
        for span in SPANS
    )


def _step(shown: Period, way: int) -> dt.date:
    match shown.span:
        case "day":
            return shown.on + dt.timedelta(days=way)
        case "week":
            return shown.on + dt.timedelta(days=7 * way)
        case "month":
            first = shown.on.replace(day=1)
            return _next_month(first) if way > 0 else (first - dt.timedelta(days=1)).replace(day=1)


def _href(asked: Asked, span: str, on: dt.date) -> str:
    return asked.href(asked.view.object, span="" if span == "month" else span, on=on.isoformat())
