"""a board: cards in columns, and where each may be moved"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dougong.catalog.model import ObjectModel
from dougong.definitions.kinds.object import Field
from dougong.definitions.kinds.view import ColourRule
from dougong.records.lanes import Lane as Found
from dougong.sdk.numbers import show_decimal
from dougong.web.present.cards import Card, cards
from dougong.web.present.listing import Asked
from dougong.web.present.value import Look, choices_of

LIMITS = "more"
"""In an address, how many cards of a column are shown where it is not the usual number: `more=won:40,lost:60`."""
MOST_CARDS = 400
"""Cards of one column; who wants more of them wants a list."""
STEP = 40


@dataclass(frozen=True)
class Move:
    """Where a card may be moved by a menu."""

    value: str
    """The option it becomes."""
    label: str
    """What the person reads: the transition, or the option."""
    colour: str = ""
    """The hue of the option."""


@dataclass(frozen=True)
class Lane:
    """One column."""

    value: str
    """The option; blank for records that have none."""
    label: str
    """What the person reads."""
    colour: str
    """A hue; blank is grey."""
    count: int
    """How many records there are in all."""
    total: str
    """Their sum, in words of the language; blank where none is wanted."""
    cards: tuple[Card, ...]
    """The first of them."""
    more_href: str = ""
    """The board with more of this column; blank where all are shown."""
    list_href: str = ""
    """All of them as a list."""
    new_href: str = ""
    """The form for a new record that begins here; blank where it cannot."""
    moves: tuple[Move, ...] = ()
    """Where its cards may go."""


@dataclass(frozen=True)
class Board:
    """Cards in columns."""

    lanes: tuple[Lane, ...]
    """The columns, in the order of the options."""
    here: str
    """The board's own address, to come back to."""
    field: str
    """What the columns are called, in words."""
    can_move: bool = False
    """Whether this person may move any card."""
    start: str = ""
    """How the addresses of its records begin: `/o/opportunity/`."""


def limits(text: str) -> dict[str, int]:
    """Read how many cards the columns of an address have; what makes no sense is left out."""
    pairs = (each.rpartition(":") for each in text.split(",") if ":" in each)
    return {value: min(int(most), MOST_CARDS) for value, _, most in pairs if most.isdigit() and len(most) < 6}


def board(
    look: Look,
    model: ObjectModel,
    asked: Asked,
    found: Sequence[Found],
    names: Sequence[str],
    rules: Sequence[ColourRule],
    *,
    moves: Mapping[str, tuple[Move, ...]],
    shown: Mapping[str, int],
    starts: Mapping[str, str],
    here: str,
    summed: Field | None = None,
) -> Board:
    """Present the columns of a board: one for each option, and one for records without where there are any.

    `summed` is what is summed, as far as this person may read it. `moves` and `starts` say for each option where its
    cards may go and where a new record begins that has it; `shown` how many cards the address asks for.
    """
    view = asked.view.board
    assert view is not None  # noqa: S101 -- the check E440 holds it
    by = model.field(view.by)
    known = {lane.value or "": lane for lane in found}
    lanes = []
    for value, label, colour in _columns(look, by, known):
        lane = known.get(value, Found(value, 0))
        shown_cards = cards(look, model, names, lane.records, rules)
        rest = lane.count - len(shown_cards)
        more = {**shown, value: len(shown_cards) + STEP}
        within = f'{by.name} == "{value}"' if value else f"{by.name} is null"
        whole = f"({asked.expression}) and {within}" if asked.expression else within
        lanes.append(
            Lane(
                value=value,
                label=label,
                colour=colour,
                count=lane.count,
                total=_total(look, summed, lane),
                cards=shown_cards,
                more_href=asked.href(model.name, **{LIMITS: _said(more)})
                if rest > 0 and len(shown_cards) < MOST_CARDS
                else "",
                list_href=asked.href(model.name, view="", where=whole),
                new_href=starts.get(value, ""),
                moves=moves.get(value, ()),
            )
        )
    return Board(
        lanes=tuple(lanes),
        here=here,
        field=by.shown_label().show(look.locale),
        can_move=any(moves.values()),
        start=f"/o/{model.name}/",
    )


def _columns(look: Look, by: Field, known: Mapping[str, Found]) -> list[tuple[str, str, str]]:
    """Give the columns: options that are in use or offered, then what is no option any more, then the blank."""
    options = [each for each in choices_of(by, look) if each.active or each.value in known]
    found = [(each.value, each.label.show(look.locale), each.colour or "") for each in options]
    values = {value for value, _, _ in found}
    found += [(value, value, "") for value in sorted(known) if value and value not in values]
    return [*found, ("", "—", "")] if "" in known else found


def _total(look: Look, field: Field | None, lane: Found) -> str:
    kind = field.type.expression_type() if field else None
    if field is None or kind is None:
        return ""
    # Amounts of a column are read beside each other: cents would only be in the way.
    places = 0 if field.type.is_money() else kind.scale
    return show_decimal(lane.total or 0, look.locale, places)


def _said(shown: Mapping[str, int]) -> str:
    return ",".join(f"{value}:{most}" for value, most in shown.items())
