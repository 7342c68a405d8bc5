"""E404: two fields that would share a physical column

A field may need several columns (`amount` and `amount__currency`), and `column` may name one: no two fields of an
object come to the same name, whatever their case, and no name is longer than a database allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dougong.base.problems import Place, Problem
from dougong.definitions.kinds.object import Field, Object
from dougong.definitions.linked import Linked
from dougong.definitions.system_fields import BY_NATURE

CODE = "E404"
LONGEST = 63
_HIDDEN = ("_change", "_tokens", "_since")


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the columns of all objects."""
    for definition in linked.of(Object):
        taken = dict.fromkeys(_HIDDEN, "the platform")
        for field in linked.fields[definition.name].values():
            if field.is_system:
                taken |= {column.casefold(): f"the system field '{field.name}'" for column in columns(field)}
        for position, field in enumerate(definition.fields):
            if field.name in BY_NATURE[definition.nature]:
                continue  # name_reserved.py says so
            place = linked.place(definition, "fields", position, "column" if field.column else "name")
            problem = _problem(place, field, taken)
            if problem:
                yield problem
            taken = {column.casefold(): f"field '{field.name}'" for column in columns(field)} | taken


def _problem(place: Place, field: Field, taken: Mapping[str, str]) -> Problem | None:
    """Say what is wrong with the first column of a field that cannot be."""
    for column in columns(field):
        other = taken.get(column.casefold())
        if other and other != f"field '{field.name}'":
            said = f"the column '{column}' of field '{field.name}' is taken by {other}"
            return Problem(place, CODE, said, "give one of them another `column`")
        if len(column) > LONGEST:
            return Problem(place, CODE, f"the column '{column}' is longer than {LONGEST}", "shorten `column`")
    return None


def columns(field: Field) -> Iterator[str]:
    """Give the physical columns of a field, as an installation would name them first."""
    first = field.column or field.name
    for column in field.type.columns():
        yield f"{first}_{column.suffix}" if column.suffix else first
