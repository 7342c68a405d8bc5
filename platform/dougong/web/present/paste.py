"""pasted rows as a table: a field for each column, and what is wrong with each cell"""

from __future__ import annotations

from dataclasses import dataclass

from dougong.web.present.filters import Choice
from dougong.web.present.page import Frame


@dataclass(frozen=True)
class PastedCell:
    """One cell."""

    text: str
    """What stands in it."""
    error: str = ""
    """What is wrong with it."""


@dataclass(frozen=True)
class PastedRow:
    """One row."""

    number: int
    """From 1, as in the sheet without its heading."""
    cells: tuple[PastedCell, ...]
    """One for each column."""
    error: str = ""
    """What is wrong with the row as a whole."""


@dataclass(frozen=True)
class PastePage:
    """Pasting rows into a list."""

    frame: Frame
    """What stands around it."""
    heading: str
    """The page's title."""
    action: str
    """Where it is sent."""
    back_href: str
    """The list."""
    text: str = ""
    """What was pasted."""
    shown: str = ""
    """The columns of the list, for rows without a heading."""
    columns: tuple[tuple[Choice, ...], ...] = ()
    """For each column, the fields to choose from."""
    rows: tuple[PastedRow, ...] = ()
    """The rows with errors first, or the first few."""
    count: int = 0
    """How many rows there are."""
    wrong: int = 0
    """How many of them cannot be created."""
    has_header: bool = False
    """Whether the first row was the heading."""
    problem: str = ""
    """What is wrong with all of it."""
