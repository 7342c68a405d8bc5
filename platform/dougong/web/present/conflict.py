"""what someone else saved meanwhile, beside what was entered"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.definitions.kinds.object import Field
from dougong.web.present.page import Frame
from dougong.web.present.value import Cell, Look, cell

PICK = "pick."
"""How the choice for a field is called when it is sent."""
ALL = "pick_all"
"""How the choice for all fields at once is called."""
_OWN = ("pick_all", "version", "base", "csrf_token")
_LINES = Message("{count} lines")


@dataclass(frozen=True)
class ConflictChoice:
    """One field with three values: before, and of both who changed it."""

    name: str
    """The field's name."""
    label: str
    """What the person reads."""
    base: Cell
    """What it was before both; blank for lines too, of which it is not known."""
    theirs: Cell
    """What was saved meanwhile."""
    mine: Cell
    """What this person entered."""
    chosen: str
    """`mine` or `theirs`; blank where the person has yet to choose. What only they changed is theirs to begin with."""
    error: str = ""
    """What is missing."""


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
    problem: str = ""
    """Why it could not be saved yet."""


class _Pair(Protocol):
    @property
    def field(self) -> Field: ...
    @property
    def base(self) -> Any: ...
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
    base: int | None,
    missing: Iterable[Field] = (),
) -> ConflictPage:
    """Present the fields that two people changed; `missing` are those without a choice when it was sent.

    `base` is the version that this person began with: from there on it is compared, however often it is sent.
    """
    who = meeting.who or Message("someone else").show(look.locale)
    label = model.definition.shown_label().show(look.locale)
    kept = tuple(meeting.only_theirs)
    sent = tuple(sent)
    unchosen = tuple(missing)
    # What was chosen against another version is chosen anew.
    picked = {name.removeprefix(PICK): value for name, value in sent if name.startswith(PICK)} if unchosen else {}
    hidden = [(name, value) for name, value in sent if not name.startswith(PICK) and name not in _OWN]
    hidden += [
        ("version", str(version or "")),
        ("base", str(base or "")),
        *((PICK + field.name, "theirs") for field in kept),
    ]
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
            *(_choice(look, pair, picked, "", missing=unchosen) for pair in meeting.clashes),
            *(_choice(look, pair, picked, "mine") for pair in meeting.only_mine),
        ),
        merged=tuple(field.shown_label().show(look.locale) for field in kept),
        cancel_href=cancel_href,
        problem=_problem(look, unchosen),
    )


def _problem(look: Look, missing: tuple[Field, ...]) -> str:
    if not missing:
        return ""
    labels = ", ".join(each.shown_label().show(look.locale) for each in missing)
    return Message("Choose for each of these fields whose value shall stand: {fields}.", fields=labels).show(
        look.locale
    )


def _choice(
    look: Look, pair: _Pair, picked: Mapping[str, str], otherwise: str, *, missing: tuple[Field, ...] = ()
) -> ConflictChoice:
    field = pair.field
    said = picked.get(field.name, otherwise)
    return ConflictChoice(
        field.name,
        field.shown_label().show(look.locale),
        _cell(look, field, pair.base),
        _cell(look, field, pair.theirs),
        _cell(look, field, pair.mine),
        said if said in ("mine", "theirs") else otherwise,
        Message("Choose one of the two.").show(look.locale) if field in missing else "",
    )


def _cell(look: Look, field: Field, value: Any) -> Cell:
    if field.type.lines() and value is None:
        return Cell("", is_blank=True)
    if field.type.lines():
        return Cell(Message(_LINES.text, count=len(value or ())).show(look.locale))
    try:
        return cell(look, field, value)
    except (ValueError, TypeError, AttributeError):
        # What was typed could not be read as a value of the field: it is shown as it was typed.
        return Cell(str(value))
