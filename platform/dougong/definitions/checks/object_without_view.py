"""W502: an object that nobody can look at

An object of nature `record` without a view has no list; only lookups and the interface for programs reach it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.object import Object
from dougong.definitions.kinds.view import View
from dougong.definitions.linked import Linked

CODE = "W502"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look for objects without a view."""
    viewed = {view.object for view in linked.of(View)}
    for definition in linked.of(Object):
        if definition.nature == "record" and definition.name not in viewed:
            said = f"object '{definition.name}' has no view"
            yield Problem(linked.place(definition, "name"), CODE, said, "add one in views/")
