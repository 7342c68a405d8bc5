"""E410: a column of an import map is both mapped and left out"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.import_map import ImportMap
from dougong.definitions.linked import Linked

CODE = "E410"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the columns of all import maps."""
    for definition in linked.of(ImportMap):
        mapped = {column.name for column in definition.columns}
        for position, column in enumerate(definition.leave_out):
            if column.name in mapped:
                place = linked.place(definition, "leave_out", position, "name")
                yield Problem(
                    place, CODE, f"the column '{column.name}' is mapped and left out", "delete one of the two"
                )
