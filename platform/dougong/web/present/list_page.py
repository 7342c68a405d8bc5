"""the page of an object's records: what stands around them, and the records as the type of their view shows them"""

from __future__ import annotations

from dataclasses import dataclass, field

from dougong.web.present.board import Board
from dougong.web.present.calendar import Calendar
from dougong.web.present.filters import Filter
from dougong.web.present.gallery import Gallery
from dougong.web.present.listing import Pager, Table, Tools
from dougong.web.present.page import Frame, Link
from dougong.web.present.tree import Tree


@dataclass(frozen=True)
class ListPage:
    """The list of an object."""

    frame: Frame
    """What stands around it."""
    object: str
    """The object's name."""
    label: str
    """One of these records is called so."""
    plural: str
    """Many are called so."""
    icon: str
    """A name of the icon sprite."""
    action: str
    """The list's own address, for its filter form."""
    views: tuple[Link, ...]
    """Ways to look at the records."""
    filters: tuple[Filter, ...]
    """Quick filters."""
    hidden: tuple[tuple[str, str], ...]
    """What the filter form sends along: view, sort, size."""
    words: str
    """Words that are looked for."""
    expression: str
    """What an expert typed."""
    table: Table
    """The records."""
    pager: Pager
    """Where one is."""
    problem: str = ""
    """What is wrong with the expression, as a sentence."""
    problem_hint: str = ""
    """How to mend it."""
    problem_before: str = ""
    """The expression up to the trouble."""
    problem_mark: str = ""
    """The piece of it that is wrong."""
    problem_after: str = ""
    """The rest of it."""
    new_href: str = ""
    """The form for a new record; blank for those who may not."""
    exports: tuple[Link, ...] = ()
    """This list as files; none for those who may not."""
    prints: tuple[Link, ...] = ()
    """The templates it may be printed with."""
    import_href: str = ""
    """Where a file is imported; blank for those who may not."""
    clear_href: str = ""
    """The list without any filter."""
    is_filtered: bool = False
    """Whether anything narrows the list beyond its view."""
    view: str = ""
    """The name of the view that is shown."""
    board: Board | None = None
    """The records as a board."""
    calendar: Calendar | None = None
    """The records as a calendar."""
    tree: Tree | None = None
    """The records as a tree."""
    gallery: Gallery | None = None
    """The records as cards."""
    tools: Tools = field(default_factory=Tools)
    """What else may be done with the list."""
