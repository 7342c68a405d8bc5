"""E414: the options of a field do not go together

What the field type itself finds wrong with them: a smallest value above the largest, an option that is there twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.object import Object
from dougong.definitions.linked import Linked

CODE = "E414"


def problems(linked: Linked) -> Iterator[Problem]:
    """Ask every field type."""
    for definition in linked.of(Object):
        for position, field in enumerate(definition.fields):
            for said in field.type.problems():
                place = linked.place(definition, "fields", position, "name")
                yield Problem(place, CODE, f"field '{field.name}': {said}")
