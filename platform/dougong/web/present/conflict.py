"""what someone else saved meanwhile, beside what was entered"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.definitions.kinds.object import Field
from dougong.web.present.page import Frame
from dougong.web.present.value import Cell, Look, cell

_LINES = Message("{count} lines")


@dataclass(frozen=True)
class ConflictChoice:
    """One field with two values."""

    name: str
    """The field's name."""
    label: str
    """What the person reads."""
    theirs: Cell
    """What was saved meanwhile."""
    mine: Cell
    """What this person entered."""
    is_only_mine: bool
    """Whether the other one left it alone: then this person's is chosen to begin with, else nothing is."""


@dataclass(frozen=True)
class ConflictPage:
    """Two people changed one record."""

    frame: Frame
    """What stands around it."""
    title: str
    """What names the record."""
    sentence: str
    """What happened."""
    who: str
    """Who was faster."""
    action: str
    """Where the choice is sent."""
    hidden: tuple[tuple[str, str], ...]
    """Everything that was entered, so that nothing is lost."""
    choices: tuple[ConflictChoice, ...]
    """The fields to choose."""
    merged: tuple[str, ...]
    """Fields that only the other one changed."""
    cancel_href: str
    """The record as it is now."""


class _Pair(Protocol):
    @property
    def field(self) -> Field: ...
    @property
    def theirs(self) -> Any: ...
    @property
    def mine(self) -> Any: ...


class _Meeting(Protocol):
    @property
    def clashes(self) -> Iterable[_Pair]: ...
    @property
    def only_mine(self) -> Iterable[_Pair]: ...
    @property
    def only_theirs(self) -> Iterable[Field]: ...
    @property
    def who(self) -> str: ...


def page(
    look: Look,
    model: ObjectModel,
    meeting: _Meeting,
    *,
    frame: Frame,
    action: str,
    cancel_href: str,
    sent: Iterable[tuple[str, str]],
    version: int | None,
) -> ConflictPage:
    """Present the fields that two people changed."""
    who = meeting.who or Message("someone else").show(look.locale)
    label = model.definition.shown_label().show(look.locale)
    kept = tuple(meeting.only_theirs)
    hidden = [
        (name, value) for name, value in sent if not name.startswith("pick.") and name not in ("version", "csrf_token")
    ]
    hidden += [("version", str(version or "")), *((f"pick.{field.name}", "theirs") for field in kept)]
    return ConflictPage(
        frame=frame,
        title=frame.title,
        sentence=Message(
            "{who} saved this {object} while you were editing. Choose what shall stand; nothing of yours is lost yet.",
            who=who,
            object=label,
        ).show(look.locale),
        who=who,
        action=action,
        hidden=tuple(hidden),
        choices=(
            *(_choice(look, pair, is_only_mine=False) for pair in meeting.clashes),
            *(_choice(look, pair, is_only_mine=True) for pair in meeting.only_mine),
        ),
        merged=tuple(field.shown_label().show(look.locale) for field in kept),
        cancel_href=cancel_href,
    )


def _choice(look: Look, pair: _Pair, *, is_only_mine: bool) -> ConflictChoice:
    field = pair.field
    return ConflictChoice(
        field.name,
        field.shown_label().show(look.locale),
        _cell(look, field, pair.theirs),
        _cell(look, field, pair.mine),
        is_only_mine,
    )


def _cell(look: Look, field: Field, value: Any) -> Cell:
    if field.type.lines():
        return Cell(Message(_LINES.text, count=len(value or ())).show(look.locale))
    try:
        return cell(look, field, value)
    except (ValueError, TypeError, AttributeError):
        # What was typed could not be read as a value of the field: it is shown as it was typed.
        return Cell(str(value))
