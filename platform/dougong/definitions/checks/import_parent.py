"""E422: an import map does not say whose lines it brings

A file of lines says in one of its columns which record each belongs to: `parent`. A file of other records does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.import_map import ImportMap
from dougong.definitions.linked import Linked

CODE = "E422"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at all import maps."""
    for definition in linked.of(ImportMap):
        nature = linked.nature(definition.object)
        if nature is None:
            continue
        if nature == "child" and definition.parent is None:
            said = f"'{definition.object}' are lines, and the map does not say whose"
            hint = "add `parent: {column: …, by: …}`"
            yield Problem(linked.place(definition, "object"), CODE, said, hint)
        elif nature != "child" and definition.parent is not None:
            said = f"records of '{definition.object}' are no lines and have no parent"
            yield Problem(linked.place(definition, "parent", key=True), CODE, said, "leave `parent` out")
