"""E407: lines that belong to nothing

An object of nature `child` is read and written with its parent only: some object holds it in a field of type
`children`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.object import Object
from dougong.definitions.linked import Linked

CODE = "E407"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the objects of nature `child`."""
    for definition in linked.of(Object):
        if definition.nature == "child" and definition.name not in linked.parents:
            said = f"no object holds the lines '{definition.name}'"
            hint = f"give one a field with `type: children` and `of: {definition.name}`"
            yield Problem(linked.place(definition, "nature"), CODE, said, hint)
