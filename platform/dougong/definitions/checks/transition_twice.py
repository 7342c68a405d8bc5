"""E431: two transitions between the same states

Wherever the state is changed, the states before and after have to tell which transition it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.object import Object
from dougong.definitions.linked import Linked

CODE = "E431"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the transitions of all objects."""
    for definition in linked.of(Object):
        seen: dict[tuple[str, str], str] = {}
        for position, transition in enumerate(definition.states.transitions if definition.states else ()):
            for at, state in enumerate(transition.from_):
                other = seen.setdefault((state, transition.to), transition.name)
                if other != transition.name:
                    place = linked.place(definition, "states", "transitions", position, "from", at)
                    said = f"'{other}' leads from '{state}' to '{transition.to}' already"
                    yield Problem(place, CODE, said, "one way has one transition; tell them apart by `when` inside it")
