"""E402: two things of one list with the same name

Fields, rules, sections, columns, grants and the like are told apart by their names, so that patches, messages and
merging are sure.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from dougong.base.problems import Problem
from dougong.definitions.kinds.parts import Definition
from dougong.definitions.linked import Linked
from dougong.definitions.marked import Path

CODE = "E402"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at every list whose items have names."""
    for definition in linked.all():
        yield from _of_part(linked, definition, definition, ())


def _of_part(linked: Linked, definition: Definition, part: BaseModel, path: Path) -> Iterator[Problem]:
    for shape in linked.shapes[type(part)].values():
        items = shape.of(part)
        if isinstance(items, BaseModel) and shape.part:
            yield from _of_part(linked, definition, items, (*path, shape.name))
        if not shape.is_list or not shape.part or not isinstance(items, tuple):
            continue
        first: dict[str, int] = {}
        for position, item in enumerate(items):
            here = (*path, shape.name, position)
            name = getattr(item, "name", None) or getattr(item, "value", None)
            if shape.merges == "name" and name in first:
                hint = f"the first stands in {linked.place(definition, *path, shape.name, first[name])}"
                place = linked.place(definition, *here, "name")
                yield Problem(place, CODE, f"'{name}' stands twice among {shape.name}", hint)
            first.setdefault(str(name), position)
            if isinstance(item, BaseModel):
                yield from _of_part(linked, definition, item, here)
