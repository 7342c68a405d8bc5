"""E406: records that are pointed to have no title

Where a lookup shows a record, it shows its title; an object that lookups lead to names the field that is its title.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.object import Object
from dougong.definitions.linked import Linked

CODE = "E406"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the objects that lookups lead to."""
    pointed: dict[str, str] = {}
    for definition in linked.of(Object):
        for field in definition.fields:
            to = field.type.lookup()
            if to is not None:
                pointed.setdefault(to, f"{definition.name}.{field.name}")
    for definition in linked.of(Object):
        if definition.title is None and definition.name in pointed:
            said = f"object '{definition.name}' has no title, and '{pointed[definition.name]}' points to its records"
            yield Problem(linked.place(definition, "name"), CODE, said, "name a field: `title: name`")
