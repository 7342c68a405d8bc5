"""E409: a computed field with what only an entered one can have

Nobody enters a formula or a number the system gives, so it is never required and has no default.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.object import Object
from dougong.definitions.linked import Linked

CODE = "E409"
_KEYS = ("required", "required_when", "default", "default_expr", "read_only_when")


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the computed fields."""
    for definition in linked.of(Object):
        for position, field in enumerate(definition.fields):
            for key in _KEYS if field.is_computed else ():
                if getattr(field, key) not in (None, False):
                    place = linked.place(definition, "fields", position, key, key=True)
                    yield Problem(place, CODE, f"the computed field '{field.name}' cannot have '{key}'", "leave it out")
