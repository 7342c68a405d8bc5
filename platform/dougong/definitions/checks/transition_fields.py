"""E432: a transition asks for or sets what cannot be written

What it asks for and sets are fields that are entered: not computed ones, no lines, and not the state itself, which it
changes anyway.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.object import Field, Object
from dougong.definitions.kinds.states import Transition
from dougong.definitions.linked import Linked
from dougong.definitions.marked import Path

CODE = "E432"
_MAY_BE_SET = ("owner", "unit")


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at what transitions write."""
    for definition in linked.of(Object):
        known = linked.fields[definition.name]
        for position, transition in enumerate(definition.states.transitions if definition.states else ()):
            for path, name in _written(transition):
                why = _why_not(definition, known.get(name))
                if why:
                    place = linked.place(definition, "states", "transitions", position, *path)
                    yield Problem(place, CODE, f"'{transition.name}' cannot write '{name}': {why}")


def _written(transition: Transition) -> Iterator[tuple[Path, str]]:
    for at, name in enumerate(transition.requires):
        yield ("requires", at), name
    for at, name in enumerate(transition.asks):
        yield ("asks", at), name
    for at, effect in enumerate(transition.set):
        yield ("set", at, "field"), effect.field


def _why_not(definition: Object, field: Field | None) -> str:
    if field is None:
        return ""  # link.py has said so
    if definition.states and field.name == definition.states.field:
        return "it is the state itself"
    if field.is_system and field.name not in _MAY_BE_SET:
        return "the system keeps it"
    if field.is_computed:
        return "it is computed"
    if field.type.lines() is not None:
        return "it holds lines"
    return ""
