"""a board: its columns and cards, and where a card may go"""

from __future__ import annotations

from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.records import service as records
from dougong.records.query import Page, Query
from dougong.web.pages.lists import Opened, Read, count_of
from dougong.web.present import address, board, cards
from dougong.web.present.board import Move
from dougong.web.present.listing import Asked, Pager
from dougong.web.present.value import Look, choices_of


def read(ctx: Context, found: Opened, asked: Asked) -> Read:
    """Read a board, in two statements however many columns it has."""
    view, model = asked.view, found.model
    if view.board is None or view.board.by not in found.readable:
        return Read(Pager(""), is_empty=True)
    definition = view.board
    by = model.field(definition.by)
    names = cards.names_of(found.seen, model, definition.title, definition.fields, found.readable)
    summed = definition.sum if definition.sum in found.readable else None
    query = Query(
        where=found.where(asked.expression),
        q=asked.words or None,
        sort=found.sort(ctx, asked.sort),
        fields=names,
        limit=definition.limit,
        flags=found.flags,
    )
    shown = board.limits(asked.kept.get(board.LIMITS, ""))
    lanes = records.lanes(ctx, model.name, query, by=by.name, sum_of=summed, limits=shown)
    presented = board.board(
        found.seen,
        model,
        asked,
        lanes,
        names,
        found.rules,
        moves=moves(ctx, found.seen, model, by),
        shown=shown,
        starts=_starts(ctx, found.seen, model, by),
        here=asked.href(model.name),
        summed=model.fields.get(summed or ""),
    )
    count = sum(lane.count for lane in lanes)
    return Read(
        Pager(count_of(Page([], count=count), found.seen.locale)), is_empty=not count, parts={"board": presented}
    )


def moves(ctx: Context, seen: Look, model: ObjectModel, by: Field) -> dict[str, tuple[Move, ...]]:
    """Say where cards may go, by the option they have now: by a transition where it is the state, else anywhere.

    What a single record stands against is said when it is moved: the menu is the same for a whole column.
    """
    if not records.may(ctx, "update", model.name):
        return {}
    options = [each for each in choices_of(by, seen) if each.active]
    colours = {each.value: each.colour or "" for each in options}
    values = [*(each.value for each in choices_of(by, seen)), ""]
    states = model.definition.states
    if states is not None and states.field == by.name:
        return {
            value: tuple(
                Move(each.to, each.shown_label().show(seen.locale), colours.get(each.to, ""))
                for each in records.onward(ctx, model.name, value)
            )
            for value in values
        }
    if by.name not in {field.name for field in records.writable(ctx, model.name)}:
        return {}
    return {
        value: tuple(
            Move(each.value, each.label.show(seen.locale), each.colour or "") for each in options if each.value != value
        )
        for value in values
    }


def _starts(ctx: Context, seen: Look, model: ObjectModel, by: Field) -> dict[str, str]:
    """Say where a new record begins that stands in a column from the start."""
    if not records.may(ctx, "create", model.name):
        return {}
    if by.name not in {field.name for field in records.writable(ctx, model.name, "create")}:
        return {}
    begin = records.initial_states(ctx, model.name) if model.definition.states else ()
    is_state = model.definition.states is not None and model.definition.states.field == by.name
    values = begin if is_state else tuple(each.value for each in choices_of(by, seen) if each.active)
    return {value: address.new(model.name, **{by.name: value}) for value in values}
