"""what is offered on a record: the way through its states, its buttons, and the page that asks before one is pressed"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dougong.features.automation.buttons import Shown
from dougong.records.query import Record
from dougong.records.states import Stage as StageOf
from dougong.web.present import address
from dougong.web.present.form import Input
from dougong.web.present.page import Frame
from dougong.web.present.value import Look


@dataclass(frozen=True)
class Stage:
    """One state on the way of a record."""

    label: str
    """What the person reads."""
    mark: str
    """`past`, `current` or `ahead`."""


@dataclass(frozen=True)
class ButtonLink:
    """A button in the head of a record's page."""

    label: str
    """What stands on it."""
    href: str
    """Where it is pressed, or where its dialog is."""
    style: str
    """`primary`, `default` or `danger`."""
    asks: bool = False
    """Whether a page asks for something first."""
    reason: str = ""
    """Why it cannot be pressed now; blank where it can."""


@dataclass(frozen=True)
class ButtonPage:
    """What a button asks for before it does its work."""

    frame: Frame
    """What stands around it."""
    heading: str
    """The button, and what names the record."""
    label: str
    """What stands on the button."""
    style: str
    """`primary`, `default` or `danger`."""
    confirm: str
    """The author's question; blank for none."""
    action: str
    """Where it is sent."""
    version: str
    """The version that was looked at."""
    inputs: tuple[Input, ...]
    """What is asked for."""
    problems: tuple[str, ...]
    """What stands in the way, beside what is said at the inputs."""
    cancel_href: str
    """The way back."""


def stages(look: Look, path: Iterable[StageOf]) -> tuple[Stage, ...]:
    """Present the states of a record's object, with the one it is in."""
    return tuple(Stage(each.label.show(look.locale), each.mark) for each in path)


def links(look: Look, record: Record, offered: Iterable[Shown]) -> tuple[ButtonLink, ...]:
    """Present what is offered on a record."""
    return tuple(
        ButtonLink(
            label=each.label.show(look.locale),
            href=address.button(record.object, record.id, each.name),
            style=each.style,
            asks=bool(each.inputs) or each.confirm is not None,
            reason=each.reason_not.show(look.locale) if each.reason_not is not None else "",
        )
        for each in offered
    )
