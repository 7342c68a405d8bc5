"""E408: a menu, view or form of an object that has none

Lines have no list of their own: a menu, a view or a form names the object that holds them.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.form import Form
from dougong.definitions.kinds.menu import Menu
from dougong.definitions.kinds.view import View
from dougong.definitions.linked import Linked

CODE = "E408"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look where menus, views and forms lead."""
    places = [
        (each.object, linked.place(menu, "items", position, "object"), "a menu item")
        for menu in linked.of(Menu)
        for position, each in enumerate(menu.items)
    ]
    places += [(view.object, linked.place(view, "object"), "a view") for view in linked.of(View)]
    places += [(form.object, linked.place(form, "object"), "a form") for form in linked.of(Form)]
    for name, place, what in places:
        if name and linked.nature(name) == "child":
            parent = linked.parents.get(name)
            hint = f"lead to '{parent[0]}', which holds them" if parent else ""
            yield Problem(place, CODE, f"{what} cannot lead to the lines '{name}'", hint)
