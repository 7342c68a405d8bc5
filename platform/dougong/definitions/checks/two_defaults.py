"""E413: a field with both `default` and `default_expr`"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.object import Object
from dougong.definitions.linked import Linked

CODE = "E413"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at all defaults."""
    for definition in linked.of(Object):
        for position, field in enumerate(definition.fields):
            if field.default is not None and field.default_expr is not None:
                place = linked.place(definition, "fields", position, "default_expr", key=True)
                yield Problem(place, CODE, f"field '{field.name}' has two defaults", "keep one of the two")
