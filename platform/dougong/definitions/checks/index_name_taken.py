"""E403: a unique group and an index with the same name

Both become indexes of one table, and their names stand in messages and plans.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.object import Object
from dougong.definitions.linked import Linked

CODE = "E403"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the groups and indexes of all objects."""
    for definition in linked.of(Object):
        groups = {each.name for each in definition.unique}
        for position, index in enumerate(definition.indexes):
            if index.name in groups:
                place = linked.place(definition, "indexes", position, "name")
                said = f"the index '{index.name}' is named like a unique group"
                yield Problem(place, CODE, said, "a unique group is an index already")
