"""E411: a default that the field itself refuses

The default is read like a value that someone enters; what the field type would refuse there, it refuses here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dougong.base.errors import InvalidValue
from dougong.base.problems import Problem
from dougong.definitions.kinds.access import Role, as_options
from dougong.definitions.kinds.object import Object
from dougong.definitions.kinds.options import ROLES, Options
from dougong.definitions.linked import Linked
from dougong.sdk.field_type import Option, Reading

CODE = "E411"


def problems(linked: Linked) -> Iterator[Problem]:
    """Read every default."""
    reading = reading_of(linked)
    for definition in linked.of(Object):
        for position, field in enumerate(definition.fields):
            if field.default is None or field.type.is_blank(field.default):
                continue
            try:
                field.type.parse(field.default, reading)
            except InvalidValue as error:
                place = linked.place(definition, "fields", position, "default")
                yield Problem(place, CODE, f"field '{field.name}' refuses its default '{field.default}'", str(error))


def reading_of(linked: Linked) -> Reading:
    """Give what field types need to read the defaults of definitions."""

    def options(name: str) -> Sequence[Option]:
        if name == ROLES:
            return as_options(linked.of(Role))
        found = linked.find(Options, name)
        return found.entries if found else ()

    return Reading(options=options)


def named_options(linked: Linked) -> Callable[[str], Sequence[Option]]:
    """Give the entries of `options` definitions by their names, as field types ask for them."""

    def options(name: str) -> Sequence[Option]:
        if name == ROLES:
            return as_options(linked.of(Role))
        found = linked.find(Options, name)
        return found.entries if found else ()

    return options
