"""two people changed one record: which fields meet, and whose value stands

What a form sent is compared with the record as it is now. A field that the other one changed and this one did not is
kept as it is now; one that only this one changed is taken; where both did, the person chooses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dougong.base.errors import InvalidValue
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.records import defaults
from dougong.records.history import Version
from dougong.records.query import Record
from dougong.web.present.conflict import ALL, PICK


@dataclass(frozen=True)
class Clash:
    """One field that both changed."""

    field: Field
    """The field."""
    theirs: Any
    """What was saved meanwhile."""
    mine: Any
    """What this person entered, read; or as it was typed, where it cannot be read."""
    base: Any = None
    """What it was when this person began; of lines it is not known."""


@dataclass(frozen=True)
class Meeting:
    """What became of every field that someone changed."""

    clashes: tuple[Clash, ...]
    """Both changed it: the person chooses."""
    only_mine: tuple[Clash, ...]
    """Only this person changed it: taken, unless they say otherwise."""
    only_theirs: tuple[Field, ...]
    """Only the other one changed it: kept."""
    who: str
    """Who was faster."""


def chosen(values: Mapping[str, Any], sent: Mapping[str, str], meeting: Meeting | None = None) -> dict[str, Any]:
    """Leave out the fields where the other one's value is to stand."""
    of_all = sent.get(ALL, "") if meeting is not None else ""
    if of_all == "theirs":
        return {}
    if of_all == "mine" and meeting is not None:
        kept = {field.name for field in meeting.only_theirs}
        return {name: value for name, value in values.items() if name not in kept}
    return {name: value for name, value in values.items() if sent.get(PICK + name) != "theirs"}


def unchosen(meeting: Meeting, sent: Mapping[str, str]) -> tuple[Field, ...]:
    """Give the fields that both changed and for which nobody said yet whose value stands."""
    if sent.get(ALL, "") in ("mine", "theirs"):
        return ()
    return tuple(each.field for each in meeting.clashes if sent.get(PICK + each.field.name) not in ("mine", "theirs"))


def compare(
    ctx: Context,
    model: ObjectModel,
    now: Record,
    entered: Mapping[str, Any],
    versions: Iterable[Version],
    version: int | None,
) -> Meeting:
    """Say for every field who changed it since this person read the record."""
    later = [each for each in versions if each.version is None or version is None or each.version > version]
    before = _before(later)
    clashes: list[Clash] = []
    only_mine: list[Clash] = []
    only_theirs: list[Field] = []
    for name, raw in entered.items():
        field = model.fields[name]
        base = before.get(name, now.get(name)) if not field.type.lines() else None
        pair = Clash(field, now.get(name), _read(ctx, field, raw), base)
        same = _same(ctx, field, pair.mine, pair.theirs)
        if name not in before:
            if not same:
                only_mine.append(pair)
        elif same or (not field.type.lines() and pair.mine == before[name]):
            only_theirs.append(field)
        else:
            clashes.append(pair)
    who = later[0].actor_name if later else ""
    return Meeting(tuple(clashes), tuple(only_mine), tuple(only_theirs), who)


def _before(later: Iterable[Version]) -> dict[str, Any]:
    """Give what the fields were that others changed since; for lines only that they were changed."""
    before: dict[str, Any] = {}
    for each in sorted(later, key=lambda one: one.at, reverse=True):
        for change in each.changes:
            before[change.field] = change.before
        for line in each.lines:
            before.setdefault(line.field, None)
    return before


def _read(ctx: Context, field: Field, raw: Any) -> Any:
    if field.type.lines():
        return raw
    if field.type.is_blank(raw):
        return field.type.blank()
    try:
        return field.type.parse(raw, ctx.memo(defaults.reading))
    except InvalidValue:
        return raw


def _same(ctx: Context, field: Field, mine: Any, theirs: Any) -> bool:
    child = field.type.lines()
    if not child:
        return bool(mine == theirs)
    fields = {each.name: each for each in ctx.catalog.object(child).own_fields()}
    lines = list(theirs or ())
    if len(lines) != len(mine):
        return False
    return all(
        entry.get("id") == line.id
        and all(_read(ctx, fields[name], raw) == line.get(name) for name, raw in entry.items() if name in fields)
        for entry, line in zip(mine, lines, strict=True)
    )
