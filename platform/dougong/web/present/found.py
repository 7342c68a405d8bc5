"""what a search found, by object"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dougong.base.text import Message
from dougong.records import across
from dougong.records.across import Found, Hit
from dougong.web.present import address
from dougong.web.present.page import Frame
from dougong.web.present.value import Look, at_path, cell


@dataclass(frozen=True)
class FoundRecord:
    """One record, as a line."""

    title: str
    """What names it."""
    subtitle: str
    """What tells it from others of the same name; blank for none."""
    href: str
    """Its page."""
    icon: str
    """The icon of its object."""


@dataclass(frozen=True)
class FoundGroup:
    """The records of one object."""

    object: str
    """The object's name, for the marks of the page."""
    label: str
    """Many are called so."""
    icon: str
    """A name of the icon sprite."""
    records: tuple[FoundRecord, ...]
    """The best of them."""
    count: str
    """How many there are, in words; blank where nobody counted."""
    more_href: str
    """Where all of them stand; blank where they all stand here."""


@dataclass(frozen=True)
class Suggested:
    """What the search box offers while one types."""

    words: str
    """What was typed."""
    groups: tuple[FoundGroup, ...]
    """By object."""
    recent: tuple[FoundRecord, ...]
    """What the person looked at last, where nothing was typed."""
    all_href: str
    """The page with everything that was found."""


@dataclass(frozen=True)
class SearchPage:
    """Everything that was found."""

    frame: Frame
    """What stands around it."""
    words: str
    """What is asked."""
    groups: tuple[FoundGroup, ...]
    """By object."""
    whole: FoundGroup | None
    """One object alone, page by page; None where all stand below each other."""
    list_href: str
    """The list of that object with the same words."""
    all_href: str
    """Back to all objects."""
    next_href: str
    """The next page of one object; blank on the last."""
    previous_href: str
    """The page before; blank on the first."""


def group(look: Look, found: Found, words: str, *, count: int | None = None) -> FoundGroup:
    """Present what was found of one object."""
    definition = look.catalog.object(found.object).definition
    return FoundGroup(
        object=found.object,
        label=definition.shown_plural().show(look.locale),
        icon=definition.icon or "table",
        records=tuple(record(look, found, hit) for hit in found.hits),
        count=counted(count, look.locale),
        more_href=address.search(words, found.object) if found.more else "",
    )


def counted(count: int | None, locale: str) -> str:
    """Say how many were found; more than are counted is said so."""
    if count is None:
        return ""
    if count == 1:
        return Message("1 record").show(locale)
    shown = f"{across.COUNTED_TO:,}+" if count > across.COUNTED_TO else f"{count:,}"
    return Message("{count} records", count=shown).show(locale)


def record(look: Look, found: Found, hit: Hit) -> FoundRecord:
    """Present one record."""
    title = in_words(look, found.object, found.title, hit.title)
    return FoundRecord(
        title=title or hit.id[-8:],
        subtitle=in_words(look, found.object, found.subtitle, hit.subtitle),
        href=address.record(found.object, hit.id),
        icon=look.catalog.object(found.object).definition.icon or "table",
    )


def in_words(look: Look, object_name: str, path: str | None, value: object) -> str:
    """Give a value at the end of a path in words."""
    field = at_path(look.catalog, object_name, path) if path else None
    if field is None or value is None:
        return ""
    shown = cell(look, field[0], value)
    return shown.text or ", ".join(badge.label for badge in shown.badges)


def groups(
    look: Look, found: Sequence[Found], words: str, counts: Mapping[str, int] | None = None
) -> tuple[FoundGroup, ...]:
    """Present what was found of all objects."""
    known = counts or {}
    return tuple(group(look, each, words, count=known.get(each.object)) for each in found)
