"""W510: a state that no transition leads to

Records can be in it only by an import or the system. It may be a slip in a transition's `to`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.checks.state_unknown import options_of
from dougong.definitions.kinds.object import Object
from dougong.definitions.kinds.states import States
from dougong.definitions.linked import Linked

CODE = "W510"


def problems(linked: Linked) -> Iterator[Problem]:
    """Walk from the initial states of all objects."""
    for definition in linked.of(Object):
        states = definition.states
        field = linked.fields[definition.name].get(states.field) if states else None
        if states is None or field is None:
            continue
        options = options_of(linked, field)
        begin = states.begins_in(field.default, options[0] if options else None)
        lost = [value for value in options if value not in _reached(states, begin)]
        if lost and states.transitions:
            named = ", ".join(f"'{value}'" for value in lost)
            place = linked.place(definition, "states", "transitions", key=True)
            yield Problem(place, CODE, f"no transition leads to {named}", "add one, or an initial state")


def _reached(states: States, begin: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    waiting = list(begin)
    while waiting:
        state = waiting.pop()
        if state not in found:
            found.add(state)
            waiting += [each.to for each in states.transitions if state in each.from_]
    return found
