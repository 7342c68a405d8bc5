"""E441: a view shows a field in a way that it cannot be shown

The columns of a board are the options of one choice, and its sum is a number. A calendar begins with a date or a
moment, and its end is of the same sort. A tree goes by a field that points to its own object. A total stands under a
column and measures what has a number.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.names import hint_for
from dougong.base.problems import Problem
from dougong.definitions.checks.state_unknown import options_of
from dougong.definitions.kinds.object import Field
from dougong.definitions.kinds.view import View
from dougong.definitions.linked import Linked
from dougong.expressions.types import Type

CODE = "E441"
_DAYS = ("date", "moment")


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at what views make of fields."""
    for view in linked.of(View):
        yield from _board(linked, view)
        yield from _calendar(linked, view)
        yield from _tree(linked, view)
        yield from _columns(linked, view)


def _field(linked: Linked, view: View, name: str | None) -> Field | None:
    """Give a field of the view's object; None where link.py has said that there is none."""
    return linked.fields.get(view.object, {}).get(name or "")


def _type(field: Field) -> Type | None:
    return field.type.expression_type()


def _sort(field: Field) -> str:
    kind = _type(field)
    return kind.sort if kind is not None else ""


def _is_stored(field: Field) -> bool:
    return bool(field.type.columns())


def _board(linked: Linked, view: View) -> Iterator[Problem]:
    if view.board is None:
        return
    by = _field(linked, view, view.board.by)
    if by is not None and not (_is_stored(by) and options_of(linked, by)):
        said = f"a board's columns are the options of a choice, and '{by.name}' is none"
        yield Problem(linked.place(view, "board", "by"), CODE, said, "name a field with `type: choice`")
    summed = _field(linked, view, view.board.sum)
    if summed is not None and _sort(summed) != "number":
        said = f"only numbers can be summed, and '{summed.name}' is none"
        yield Problem(linked.place(view, "board", "sum"), CODE, said, "leave `sum` out: cards are counted anyway")


def _calendar(linked: Linked, view: View) -> Iterator[Problem]:
    if view.calendar is None:
        return
    start = _field(linked, view, view.calendar.start)
    if start is not None and _sort(start) not in _DAYS:
        said = f"a calendar goes by a date or a moment, and '{start.name}' is neither"
        yield Problem(linked.place(view, "calendar", "start"), CODE, said, "name a field of type date or datetime")
    end = _field(linked, view, view.calendar.end)
    if start is not None and end is not None and _sort(start) in _DAYS and _sort(end) != _sort(start):
        said = f"'{end.name}' is not of the same sort as '{start.name}'"
        yield Problem(linked.place(view, "calendar", "end"), CODE, said, "take two dates, or two moments")
    colour = _field(linked, view, view.calendar.colour_by)
    if colour is not None and not options_of(linked, colour):
        said = f"colours come from the options of a choice, and '{colour.name}' is none"
        yield Problem(linked.place(view, "calendar", "colour_by"), CODE, said, "name a choice, or leave it out")


def _tree(linked: Linked, view: View) -> Iterator[Problem]:
    if view.tree is None:
        return
    parent = _field(linked, view, view.tree.parent)
    if parent is not None and (parent.type.lookup() != view.object or parent.name == "id"):
        said = f"a tree goes by a field that points to '{view.object}' again, and '{parent.name}' does not"
        yield Problem(linked.place(view, "tree", "parent"), CODE, said, "name a field with `type: tree`")


def _columns(linked: Linked, view: View) -> Iterator[Problem]:
    names = [column.name for column in view.columns]
    for position, total in enumerate(view.totals):
        place = linked.place(view, "totals", position, "name")
        field = _field(linked, view, total.name)
        if total.name not in names:
            said = f"a total stands under a column, and there is no column '{total.name}'"
            yield Problem(place, CODE, said, hint_for(total.name, names))
        elif field is not None and total.function in ("sum", "avg") and _sort(field) != "number":
            said = f"'{total.function}' wants a number, and '{total.name}' is none"
            yield Problem(place, CODE, said, "write `function: count`")
        elif field is not None and total.function in ("min", "max") and _sort(field) not in ("number", *_DAYS):
            said = f"'{total.function}' wants a number, a date or a moment, and '{total.name}' is none"
            yield Problem(place, CODE, said, "write `function: count`")
    for position, rule in enumerate(view.colours):
        is_list = view.type == "list"  # a closed set
        if rule.column is not None and is_list and rule.column not in names:
            place = linked.place(view, "colours", position, "column")
            yield Problem(place, CODE, f"there is no column '{rule.column}' to colour", hint_for(rule.column, names))
