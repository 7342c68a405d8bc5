"""a tree: records below each other, level by level"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dougong.catalog.model import ObjectModel
from dougong.definitions.kinds.view import ColourRule
from dougong.records.query import Record
from dougong.web.present import cards, listing
from dougong.web.present.listing import Asked, Column
from dougong.web.present.page import Link
from dougong.web.present.value import Cell, Look

OPEN = "open"
"""In an address, the records that are open: ids joined by dots."""
LEVELS = "levels"
"""In an address, how many levels are open: 1 to 4."""
MOST_OPEN = 60
MOST_LEVELS = 4


@dataclass(frozen=True)
class Node:
    """One record, as a row."""

    id: str
    """Its id."""
    href: str
    """Its page."""
    level: int
    """1 for what stands at the top."""
    cells: tuple[Cell, ...]
    """One for each column."""
    below: int
    """How many records stand directly below it."""
    toggle_href: str
    """The tree with it opened or closed; blank where nothing is below."""
    is_open: bool = False
    """Whether what is below is shown."""
    hue: str = ""
    """A hue of the design system; blank for none."""


@dataclass(frozen=True)
class Tree:
    """Records below each other."""

    columns: tuple[Column, ...]
    """The heads."""
    nodes: tuple[Node, ...]
    """The rows, each before what stands below it."""
    title_column: int
    """Which column is indented."""
    levels: tuple[Link, ...]
    """How many levels are opened at once."""
    is_flat: bool = False
    """Whether it is filtered: what is found stands without what is above it."""
    next_href: str = ""
    """The next page of what stands at the top."""
    is_cut: bool = False
    """Whether more stands below the opened records than is shown."""


def opened(text: str) -> tuple[str, ...]:
    """Read which records of an address are open."""
    return tuple(dict.fromkeys(each for each in text.split(".") if each))[:MOST_OPEN]


def levels(text: str) -> int:
    """Read how many levels of an address are open."""
    return min(int(text), MOST_LEVELS) if text.isdigit() and len(text) < 3 else 1


def tree(
    look: Look,
    model: ObjectModel,
    asked: Asked,
    names: Sequence[str],
    roots: Sequence[Record],
    below: Mapping[str, Sequence[Record]],
    counts: Mapping[str, int],
    rules: Sequence[ColourRule],
    *,
    level: int,
    is_flat: bool,
    next_href: str = "",
    is_cut: bool = False,
) -> Tree:
    """Present records below each other; `below` holds the records under each one that is open."""
    columns = listing.head(look, asked, names)
    found: list[Node] = []
    is_open = tuple(below)

    def lay(records: Sequence[Record], at: int, above: frozenset[str]) -> None:
        for record, row in zip(records, listing.rows(look, model, names, records), strict=True):
            if record.id in above:
                continue
            count = 0 if is_flat else counts.get(record.id, 0)
            opens = record.id in below
            changed = tuple(each for each in is_open if each != record.id) if opens else (*is_open, record.id)
            found.append(
                Node(
                    record.id,
                    row.href,
                    at,
                    row.cells,
                    count,
                    asked.href(model.name, **{OPEN: ".".join(changed[-MOST_OPEN:])}) if count else "",
                    is_open=opens and bool(count),
                    hue=cards.hue_of(rules, record.flags),
                )
            )
            if opens and count:
                lay(below[record.id], at + 1, above | {record.id})

    lay(roots, 1, frozenset())
    links = tuple(
        Link(str(each), asked.href(model.name, **{LEVELS: str(each) if each > 1 else ""}), is_current=each == level)
        for each in range(1, MOST_LEVELS + 1)
    )
    title_column = names.index(model.title) if model.title in names else 0
    return Tree(columns, tuple(found), title_column, links, is_flat=is_flat, next_href=next_href, is_cut=is_cut)
