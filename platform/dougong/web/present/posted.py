"""what a form sent, as values by field

Names: `amount`, `amount.currency`, `lines.0.product`, `lines.0.id`; `customer.find` is what was typed into a lookup.
A name that occurs twice was sent by the page without script, whose own control stands last: the last one counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from dougong.base.text import Message
from dougong.catalog.model import Catalog
from dougong.definitions.kinds.object import Field

MOST_LINES = 2000
NOT_CHOSEN = "Choose one of the suggestions for “{typed}”, or empty the field."
_IN_LINE = re.compile(r"(?P<lines>\w+)\[(?P<index>\d+)\]\.(?P<field>\w+)")


class Posted(Protocol):
    """The fields of a form, each with one or several texts, in the order of the page."""

    def getlist(self, key: str) -> list[str]:
        """Give every text of a name."""

    def keys(self) -> Iterable[str]:
        """Give the names, in the order of the page."""


@dataclass(frozen=True)
class Beneath:
    """What a form sent under names that begin alike: `lines.0.`, the fields of one line."""

    posted: Posted
    """All that was sent."""
    start: str
    """How the names begin."""

    def getlist(self, key: str) -> list[str]:
        """Give every text of a name."""
        return self.posted.getlist(self.start + key)

    def keys(self) -> Iterable[str]:
        """Give the names, without how they begin."""
        names = self.posted.keys()
        return [name.removeprefix(self.start) for name in names if name.startswith(self.start)]


@dataclass
class Entries:
    """What was entered, by field."""

    values: dict[str, Any] = field(default_factory=dict)
    """Raw values, as the gate takes them."""
    typed: dict[str, str] = field(default_factory=dict)
    """What was typed into lookups, by the names of their inputs."""
    unmatched: dict[str, str] = field(default_factory=dict)
    """Lookups into which something was typed that was not chosen, by the gate's name for them."""

    places: dict[str, list[str]] = field(default_factory=dict)
    """The numbers that the lines have on the page, by the field that holds them: blank lines are left out here."""

    def errors(self) -> dict[str, list[Message]]:
        """Say which lookups have words in them that name no record yet."""
        return {name: [Message(NOT_CHOSEN, code="not_chosen", typed=typed)] for name, typed in self.unmatched.items()}


def read(
    catalog: Catalog,
    object_name: str,
    names: Iterable[str],
    posted: Posted,
    begins: Mapping[str, Mapping[str, Any]] | None = None,
) -> Entries:
    """Read the fields of a form. A field that was not on the page stays out, so that it is not blanked.

    `begins` says what a new line begins with: one in which nothing else was entered is left out.
    """
    entries = Entries()
    sent = list(posted.keys())
    present = set(sent)
    model = catalog.object(object_name)
    for name in names:
        each = model.fields[name]
        child = each.type.lines()
        if child and f"{name}.sent" in present:
            entries.values[name] = _lines(catalog, each, child, sent, posted, entries, (begins or {}).get(name, {}))
        elif f"{name}.sent" in present or name in present:
            entries.values[name] = _value(each, name, name, posted, entries)
    return entries


def read_fields(fields: Iterable[Field], posted: Posted) -> Entries:
    """Read fields that stand for themselves, in no record: the parameters of a report."""
    entries = Entries()
    sent = set(posted.keys())
    for each in fields:
        if f"{each.name}.sent" in sent or each.name in sent:
            entries.values[each.name] = _value(each, each.name, each.name, posted, entries)
    return entries


def lines_on_page(name: str, posted: Posted) -> list[str]:
    """Give the numbers of all lines of a field on the page, blank ones too."""
    return _indices(name, list(posted.keys()))


def place_of(catalog: Catalog, object_name: str, reported: str, entries: Entries) -> tuple[Field, dict[str, Any]]:
    """Give the field that the gate calls by this name, and the values among which its own stands."""
    model = catalog.object(object_name)
    in_line = _IN_LINE.fullmatch(reported)
    if in_line is None:
        return model.fields[reported], entries.values
    lines = model.fields[in_line["lines"]]
    child = catalog.object(lines.type.lines() or "")
    return child.fields[in_line["field"]], entries.values[lines.name][int(in_line["index"])]


def _value(each: Field, name: str, reported: str, posted: Posted, entries: Entries) -> Any:
    reader = _READERS.get(each.type.widget, _text)
    value = reader(name, posted)
    typed = _text(f"{name}.find", posted).strip()
    if each.type.lookup() and typed:
        entries.typed[name] = typed
        if not value and not posted.getlist(f"{name}.plain"):
            entries.unmatched[reported] = typed
    return value


def _text(name: str, posted: Posted) -> str:
    texts = posted.getlist(name)
    return texts[-1] if texts else ""


def _yes_no(name: str, posted: Posted) -> bool:
    return _text(name, posted) in ("true", "on", "1")


def _several(name: str, posted: Posted) -> list[str]:
    return [text for text in posted.getlist(name) if text]


def _money(name: str, posted: Posted) -> dict[str, str] | str:
    amount = _text(name, posted).strip()
    return {"amount": amount, "currency": _text(f"{name}.currency", posted)} if amount else ""


_READERS: Mapping[str, Any] = {"checkbox": _yes_no, "multiselect": _several, "money": _money}
"""How the widgets that are more than one text are read."""


def _lines(
    catalog: Catalog,
    lines: Field,
    child: str,
    sent: Sequence[str],
    posted: Posted,
    entries: Entries,
    begins: Mapping[str, Any],
) -> list[dict[str, Any]]:
    model = catalog.object(child)
    fields = [each for each in model.own_fields() if not each.is_computed]
    found: list[dict[str, Any]] = []
    for index in _indices(lines.name, sent):
        start = f"{lines.name}.{index}."
        if posted.getlist(start + "remove"):
            continue
        reported = f"{lines.name}[{len(found)}]"
        line = {
            each.name: _value(each, start + each.name, f"{reported}.{each.name}", posted, entries)
            for each in fields
            if start + each.name in sent or start + each.name + ".sent" in sent
        }
        line_id = _text(start + "id", posted)
        if line_id:
            line["id"] = line_id
        elif _is_blank(line, start, entries, begins):
            continue
        entries.places.setdefault(lines.name, []).append(index)
        _rename_typed(entries, start, f"{lines.name}.{len(found)}.")
        found.append(line)
    return found[:MOST_LINES]


def _indices(lines: str, sent: Sequence[str]) -> list[str]:
    """Give the numbers of the lines in the order of the page, which is the order of the lines."""
    start = f"{lines}."
    found = dict.fromkeys(name[len(start) :].split(".")[0] for name in sent if name.startswith(start))
    return [index for index in found if index.isdigit()]


def _is_blank(line: Mapping[str, Any], start: str, entries: Entries, begins: Mapping[str, Any]) -> bool:
    if any(name.startswith(start) for name in entries.typed):
        return False
    return all(value in ("", False, [], None) or value == begins.get(name) for name, value in line.items())


def _rename_typed(entries: Entries, before: str, after: str) -> None:
    """Keep what was typed at the line's place on the next page: blank lines before it are gone."""
    for name in [name for name in entries.typed if name.startswith(before)]:
        entries.typed[after + name[len(before) :]] = entries.typed.pop(name)
