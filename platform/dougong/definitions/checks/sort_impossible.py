"""E416: a view sorts by a field that has no order

A text has an order with `sortable: true`, a formula with `stored: true`, a lookup where the title of its record has
one; lines have none.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.object import Object
from dougong.definitions.kinds.view import View
from dougong.definitions.linked import Linked
from dougong.expressions.errors import ExpressionError
from dougong.expressions.paths import steps

CODE = "E416"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at what views sort by."""
    for view in linked.of(View):
        for position, text in enumerate(view.sort):
            try:
                last = steps(linked, view.object, tuple(text.removeprefix("-").split(".")), 0)[-1]
            except ExpressionError:
                continue  # link.py has said so
            if not _sorts(linked, last.object, last.field):
                place = linked.place(view, "sort", position)
                hint = "a text sorts with `sortable: true`, a formula with `stored: true`, a lookup when its title does"
                yield Problem(place, CODE, f"a list cannot be sorted by '{text.removeprefix('-')}'", hint)


def _sorts(linked: Linked, object_name: str, name: str) -> bool:
    """Whether lists can be sorted by a field; a lookup is sorted by the title of its record."""
    field = linked.fields[object_name][name]
    target = linked.find(Object, field.type.lookup() or "")
    if target is None:
        return field.type.sort_column() is not None
    title = linked.fields[target.name].get(target.title or "")
    return title is not None and title.type.sort_column() is not None
