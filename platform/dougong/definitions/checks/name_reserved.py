"""E401: a name that means something else already

Words of Python and of the formula language cannot name an object or a field, nor can a field have the name of one of
its object's system fields; the options `roles` are the roles that there are; two underscores in a row are kept for
physical columns.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.object import Object
from dougong.definitions.kinds.options import ROLES, Options
from dougong.definitions.linked import Linked
from dougong.definitions.system_fields import BY_NATURE
from dougong.expressions.functions import AGGREGATES, FUNCTIONS

CODE = "E401"
_CONSTANTS = frozenset({"true", "false", "null", "me", "this"})


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the names of all definitions and fields."""
    for definition in linked.all():
        why = _why(definition.name) if isinstance(definition, Object) else _underscores(definition.name)
        if isinstance(definition, Options) and definition.name == ROLES:
            why = "these options are the roles that there are"
        if why:
            yield Problem(linked.place(definition, "name"), CODE, f"'{definition.name}' cannot be a name: {why}", _HINT)
    for definition in linked.of(Object):
        for position, field in enumerate(definition.fields):
            why = _why(field.name)
            if field.name in BY_NATURE[definition.nature]:
                why = f"every object of nature '{definition.nature}' has this field"
            if why:
                place = linked.place(definition, "fields", position, "name")
                yield Problem(place, CODE, f"'{field.name}' cannot be a name: {why}", _HINT)


_HINT = "choose another name"


def _why(name: str) -> str:
    if keyword.iskeyword(name):
        return "it is a word of the Python language"
    if name in FUNCTIONS or name in AGGREGATES:
        return "it is a function of the formula language"
    if name in _CONSTANTS:
        return "it is a word of the formula language"
    return _underscores(name)


def _underscores(name: str) -> str:
    return "'__' is kept for physical names" if "__" in name else ""
