"""E440: a view lacks what its type needs, or says what its type has no use for

A board needs `board`, a calendar `calendar`, a tree `tree`; totals and frozen columns are a list's.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.view import View
from dougong.definitions.linked import Linked

CODE = "E440"
_NEEDED = ("board", "calendar", "tree")
_PARTS = (*_NEEDED, "gallery")
_OF_LISTS = ("totals", "freeze")


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the types of views and at their parts."""
    for view in linked.of(View):
        if view.type in _NEEDED and getattr(view, view.type) is None:
            said = f"a view of type '{view.type}' needs '{view.type}'"
            yield Problem(linked.place(view, "type"), CODE, said, f"add `{view.type}:` with what it shows")
        for name in _PARTS:
            if name != view.type and getattr(view, name) is not None:
                said = f"a view of type '{view.type}' has no use for '{name}'"
                yield Problem(linked.place(view, name, key=True), CODE, said, f"write `type: {name}`, or leave it out")
        for name in _OF_LISTS:
            if view.type in _PARTS and getattr(view, name):  # a closed set
                said = f"a view of type '{view.type}' has no use for '{name}'"
                yield Problem(linked.place(view, name, key=True), CODE, said, "leave it out: only lists have it")
