"""E419: a name that does not begin with its layer's prefix

Names that a site gives begin with `x_`, those of a bundle with a `prefix` begin with it, so that an upgrade of one
bundle never takes a name of another. Fields that are added to another layer's object count as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Place, Problem
from dougong.definitions.kinds.bundle import Bundle
from dougong.definitions.kinds.object import Object
from dougong.definitions.linked import Linked
from dougong.definitions.sources import SITE

CODE = "E419"
SITES = "x"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at definitions, and at the fields that patches add."""
    for definition in linked.all():
        if not isinstance(definition, Bundle):
            place = linked.place(definition, "name")
            yield from _look(linked, definition.bundle, definition.name, place)
    for owner in linked.of(Object):
        for position, field in enumerate(owner.fields):
            place = linked.place(owner, "fields", position, "name")
            layer = linked.layer_at(place)
            if layer != owner.bundle:
                yield from _look(linked, layer, field.name, place)


def _look(linked: Linked, layer: str, name: str, place: Place) -> Iterator[Problem]:
    prefix = SITES if layer == SITE else linked.layers.prefixes.get(layer)
    if prefix and not name.startswith(f"{prefix.rstrip('_')}_"):
        whose = "the site" if layer == SITE else f"bundle '{layer}'"
        hint = f"call it '{prefix.rstrip('_')}_{name}'"
        yield Problem(place, CODE, f"names of {whose} begin with '{prefix.rstrip('_')}_', not '{name}'", hint)
