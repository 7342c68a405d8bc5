"""W505: a definition stands in a folder of another kind

Who looks for an object looks in `objects/`. A folder may have folders in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from dougong.base.problems import Problem
from dougong.definitions.linked import Linked

CODE = "W505"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look where all definitions stand."""
    for definition in linked.all():
        place = linked.place(definition)
        parts = PurePath(place.path).parts[:-1]
        if definition.FOLDER == ".":
            is_there = PurePath(place.path).name == "bundle.yaml"
            wanted = "bundle.yaml"
        else:
            is_there = definition.FOLDER in parts
            wanted = f"{definition.FOLDER}/"
        if not is_there:
            said = f"the {definition.kind} '{definition.name}' does not stand in {wanted}"
            yield Problem(place, CODE, said, f"move the file to {wanted}")
