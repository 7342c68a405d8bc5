"""what became of a record, by day and in words"""

from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from babel.dates import format_date, format_time

from dougong.web.present.page import Frame, Link
from dougong.web.present.value import Cell, Look, cell


@dataclass(frozen=True)
class Difference:
    """One field that became something else."""

    label: str
    """The field, as the person reads it."""
    before: Cell
    """What it was."""
    after: Cell
    """What it became."""
    in_words: str = ""
    """For lines: what changed, in words."""


@dataclass(frozen=True)
class Event:
    """One change of the record."""

    who: str
    """Who did it."""
    time: str
    """At what time, in the reader's zone."""
    moment: str
    """The moment for machines."""
    did: str
    """`create`, `update` or `delete`."""
    door: str
    """Through what: `screen`, `api`, `import`, `command`, `job`, `system`."""
    reason: str
    """Why, where it was said."""
    changes: tuple[Difference, ...]
    """What became different."""


@dataclass(frozen=True)
class Day:
    """Everything that happened on one day."""

    label: str
    """The day, in words."""
    events: tuple[Event, ...]
    """Newest first."""


@dataclass(frozen=True)
class HistoryPage:
    """What became of one record."""

    frame: Frame
    """What stands around it."""
    label: str
    """What sort of record it is."""
    icon: str
    """A name of the icon sprite."""
    title: str
    """What names it."""
    tabs: tuple[Link, ...]
    """Details and history."""
    days: tuple[Day, ...]
    """Newest first."""
    has_more: bool = False
    """Whether older changes are not shown."""


def days(look: Look, object_name: str, versions: Iterable[Any]) -> tuple[Day, ...]:
    """Present the versions of a record, by day in the reader's zone."""
    zone = zoneinfo.ZoneInfo(look.showing.zone)
    local = [(version, version.when.astimezone(zone)) for version in versions]
    found = []
    for day, group in itertools.groupby(local, key=lambda pair: pair[1].date()):
        events = tuple(_event(look, object_name, version, moment) for version, moment in group)
        found.append(Day(_day(day, look.locale), events))
    return tuple(found)


def _day(day: dt.date, locale: str) -> str:
    return format_date(day, format="full", locale=locale.replace("-", "_"))


def _event(look: Look, object_name: str, version: Any, moment: dt.datetime) -> Event:
    return Event(
        who=version.who,
        time=format_time(moment, format="short", locale=look.locale.replace("-", "_")),
        moment=version.when.isoformat(),
        did=version.op,
        door=version.door,
        reason=version.reason or "",
        changes=tuple(_difference(look, object_name, *change) for change in version.changes),
    )


def _difference(look: Look, object_name: str, name: str, before: Any, after: Any) -> Difference:
    found = look.catalog.object(object_name).fields.get(name)
    if found is None:
        return Difference(name, Cell(str(before or "")), Cell(str(after or "")))
    label = found.shown_label().show(look.locale)
    if found.type.lines():
        return Difference(label, Cell(""), Cell(""), in_words=f"{len(before or ())} → {len(after or ())}")
    return Difference(label, cell(look, found, before), cell(look, found, after))
