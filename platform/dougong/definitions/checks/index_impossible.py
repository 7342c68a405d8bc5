"""E417: a field without a column is to be unique or in an index

Lines, and formulas that are not stored, have no column.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.object import Object
from dougong.definitions.linked import Linked
from dougong.definitions.marked import Path

CODE = "E417"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at unique fields, groups and indexes."""
    for definition in linked.of(Object):
        named: list[tuple[Path, str]] = []
        for at, field in enumerate(definition.fields):
            named += [(("fields", at, key), field.name) for key in ("unique", "index") if getattr(field, key)]
        for key in ("unique", "indexes"):
            for at, group in enumerate(getattr(definition, key)):
                named += [((key, at, "fields", where), name) for where, name in enumerate(group.fields)]
        known = linked.fields[definition.name]
        for path, name in named:
            if name in known and not known[name].type.columns():
                place = linked.place(definition, *path)
                yield Problem(
                    place, CODE, f"field '{name}' has no column to index", "a formula has one with `stored: true`"
                )
