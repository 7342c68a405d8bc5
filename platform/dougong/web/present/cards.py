"""records as cards: what names them, some facts, and their colour"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dougong.catalog.model import ObjectModel
from dougong.definitions.kinds.view import ColourRule
from dougong.records.query import Record
from dougong.web.present import listing
from dougong.web.present.value import Cell, Look, at_path


@dataclass(frozen=True)
class Fact:
    """One value on a card."""

    label: str
    """What it is."""
    cell: Cell
    """The value."""


@dataclass(frozen=True)
class Card:
    """One record."""

    id: str
    """Its id."""
    href: str
    """Its page."""
    title: Cell
    """What names it."""
    facts: tuple[Fact, ...]
    """What else is shown; blanks are left out."""
    version: str = ""
    """The version that is shown, for a change of it; blank where it has none."""
    hue: str = ""
    """A hue of the design system; blank for none."""


def names_of(
    look: Look, model: ObjectModel, title: str | None, fields: Sequence[str], readable: frozenset[str]
) -> tuple[str, ...]:
    """Give what a card shows, what names it first, as far as this person may read it."""
    wanted = dict.fromkeys((title or model.title or "id", *fields))
    found = [name for name in wanted if name.split(".")[0] in readable and at_path(look.catalog, model.name, name)]
    return tuple(found) or ("id",)


def cards(
    look: Look, model: ObjectModel, names: Sequence[str], records: Sequence[Record], rules: Sequence[ColourRule] = ()
) -> tuple[Card, ...]:
    """Present records as cards; the first of the names is what names them."""
    labels = [_label(look, model, name) for name in names]
    rows = listing.rows(look, model, names, records)
    return tuple(
        Card(
            id=row.id,
            href=row.href,
            title=row.cells[0],
            facts=tuple(
                Fact(label, cell) for label, cell in zip(labels[1:], row.cells[1:], strict=True) if not cell.is_blank
            ),
            version=str(record.version or ""),
            hue=hue_of(rules, record.flags),
        )
        for record, row in zip(records, rows, strict=True)
    )


def hue_of(rules: Sequence[ColourRule], flags: Sequence[bool], column: str | None = None) -> str:
    """Give the colour of the first rule that holds, for the whole record or for one column."""
    held = (rule.colour for rule, holds in zip(rules, flags, strict=False) if holds and rule.column == column)
    return next(held, "")


def _label(look: Look, model: ObjectModel, name: str) -> str:
    found = at_path(look.catalog, model.name, name)
    return found[0].shown_label().show(look.locale) if found else name
