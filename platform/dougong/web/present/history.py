"""what became of a record, by day and in words"""

from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass

from babel.dates import format_date, format_time

from dougong.records import states
from dougong.records.history import FieldChange, LineHistory, Version
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


@dataclass(frozen=True)
class LineChange:
    """What happened to one line."""

    lines: str
    """The field that holds the lines, as the person reads it."""
    did: str
    """`created`, `updated` or `deleted`."""
    changes: tuple[Difference, ...]
    """What became different."""


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
    """`created`, `updated` or `deleted`."""
    door: str
    """Through what: `screen`, `api`, `import`, `command`, `job`, `system`."""
    reason: str
    """Why, where it was said."""
    changes: tuple[Difference, ...]
    """What became different; nothing for a new record, which shows what it is."""
    lines: tuple[LineChange, ...]
    """What happened to its lines."""
    transition: str = ""
    """The label of the transition that it was; blank where it was none."""


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
    older_href: str = ""
    """Where older changes are; blank where there are none."""


def days(look: Look, object_name: str, versions: Iterable[Version]) -> tuple[Day, ...]:
    """Present the versions of a record, by day in the reader's zone."""
    zone = zoneinfo.ZoneInfo(look.showing.zone)
    local = [(version, version.at.astimezone(zone)) for version in versions]
    found = []
    for day, group in itertools.groupby(local, key=lambda pair: pair[1].date()):
        events = tuple(event(look, object_name, version, moment) for version, moment in group)
        found.append(Day(in_words(day, look.locale), events))
    return tuple(found)


def in_words(day: dt.date, locale: str) -> str:
    """Write a day with its weekday."""
    return format_date(day, format="full", locale=locale.replace("-", "_"))


def event(look: Look, object_name: str, version: Version, moment: dt.datetime) -> Event:
    """Present one version; `moment` is its time in the reader's zone."""
    seen = look.with_titles(version.titles)
    told = () if version.op == "created" else version.changes
    return Event(
        who=version.actor_name,
        time=format_time(moment, format="short", locale=look.locale.replace("-", "_")),
        moment=version.at.isoformat(),
        did=version.op,
        door=version.door,
        reason=version.reason or "",
        changes=tuple(_difference(seen, object_name, change) for change in told),
        lines=tuple(_line(seen, object_name, line) for line in version.lines),
        transition=_transition(look, object_name, version),
    )


def _transition(look: Look, object_name: str, version: Version) -> str:
    if version.op != "updated":
        return ""
    led = states.of_change(look.catalog, look.catalog.object(object_name), version.changes)
    return led.shown_label().show(look.locale) if led is not None else ""


def _line(look: Look, object_name: str, line: LineHistory) -> LineChange:
    lines = look.catalog.object(object_name).field(line.field)
    child = lines.type.lines() or ""
    changes = tuple(_difference(look, child, change) for change in line.changes)
    return LineChange(lines.shown_label().show(look.locale), line.op, changes)


def _difference(look: Look, object_name: str, change: FieldChange) -> Difference:
    found = look.catalog.object(object_name).field(change.field)
    label = found.shown_label().show(look.locale)
    return Difference(label, cell(look, found, change.before), cell(look, found, change.after))
