"""many records changed together: what is asked, what would become of each, and what became of it"""

from __future__ import annotations

from dataclasses import dataclass

from dougong.web.present.form import Input
from dougong.web.present.page import Frame, Link


@dataclass(frozen=True)
class Line:
    """One record."""

    title: str
    """What names it."""
    href: str
    """Its page; blank where it is gone."""
    reason: str = ""
    """Why nothing is done; blank where it is."""


@dataclass(frozen=True)
class BulkPage:
    """Changing many records together."""

    frame: Frame
    """What stands around it."""
    heading: str
    """What is done."""
    action: str
    """Where it is sent."""
    stage: str
    """`choose` what, `enter` to what, `preview`, `report`."""
    hidden: tuple[tuple[str, str], ...]
    """What is sent along: what is done, and to which records."""
    count: int
    """How many records were chosen."""
    choices: tuple[Link, ...] = ()
    """Fields or transitions to choose from; `href` is what is sent."""
    inputs: tuple[Input, ...] = ()
    """What is entered."""
    problems: tuple[str, ...] = ()
    """What stands in the way."""
    done: tuple[Line, ...] = ()
    """The records to which it is done."""
    refused: tuple[Line, ...] = ()
    """Those to which it is not, each with why."""
    button: str = ""
    """What the last button says."""
    is_danger: bool = False
    """Whether it takes something away."""
    back_href: str = ""
    """The list."""
