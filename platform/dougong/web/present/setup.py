"""setting up a list: its columns, and views of one's own"""

from __future__ import annotations

from dataclasses import dataclass

from dougong.web.present.page import Frame


@dataclass(frozen=True)
class ColumnChoice:
    """A column that a list may have."""

    name: str
    """The field or path."""
    label: str
    """What the person reads."""
    place: int
    """Where it stands, from 1."""
    width: str = ""
    """Pixels; blank: as wide as it needs to be."""
    is_shown: bool = False
    """Whether the list has it now."""


@dataclass(frozen=True)
class ColumnsPage:
    """Choosing the columns of a list."""

    frame: Frame
    """What stands around it."""
    heading: str
    """The page's title."""
    action: str
    """Where it is sent."""
    hidden: tuple[tuple[str, str], ...]
    """The list's address, to come back to it."""
    columns: tuple[ColumnChoice, ...]
    """Those that are shown first, in their order."""
    back_href: str
    """The list."""
    reset_href: str
    """The list with the columns of its view."""


@dataclass(frozen=True)
class OwnView:
    """A view of one's own."""

    id: str
    """Its record."""
    label: str
    """Its name."""
    href: str
    """The list as it shows it."""
    is_default: bool = False
    """Whether it opens by itself."""


@dataclass(frozen=True)
class OwnViewsPage:
    """Views of one's own: keep the list as it is, rename, delete, let one open first."""

    frame: Frame
    """What stands around it."""
    heading: str
    """The page's title."""
    action: str
    """Where it is sent."""
    views: tuple[OwnView, ...]
    """The person's views of this object."""
    back_href: str
    """The list."""
    name: str = ""
    """What was entered."""
    problem: str = ""
    """What is wrong with it."""
