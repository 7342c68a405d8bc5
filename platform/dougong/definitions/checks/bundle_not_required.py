"""W504: a definition names something of a bundle that its own does not require

It works as long as that bundle happens to be here. The bundle `system` is always here.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.layers import SYSTEM
from dougong.definitions.linked import Linked
from dougong.definitions.sources import SITE

CODE = "W504"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at all references."""
    for reference in linked.references:
        found = linked.definitions.get(reference.kind, {}).get(reference.name)
        layer = linked.layer_at(reference.place)
        if found is None or layer in (found.bundle, SITE, "") or found.bundle in (SYSTEM, SITE):
            continue
        if found.bundle not in linked.layers.requires.get(layer, frozenset()):
            said = (
                f"{reference.kind} '{reference.name}' is of bundle '{found.bundle}', which '{layer}' does not require"
            )
            yield Problem(reference.place, CODE, said, "name it under `requires` in bundle.yaml")
