"""E430: a state that is not there

The states of an object are the options of one choice. What begins, leads, and locks names its values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dougong.base.names import hint_for
from dougong.base.problems import Problem
from dougong.definitions.checks.default_refused import named_options
from dougong.definitions.kinds.object import Field, Object
from dougong.definitions.kinds.states import States
from dougong.definitions.linked import Linked
from dougong.definitions.marked import Path
from dougong.sdk.field_type import Showing

CODE = "E430"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the states that objects name."""
    for definition in linked.of(Object):
        states = definition.states
        if states is None:
            continue
        if definition.nature not in ("record", "link"):
            said = f"'{definition.name}' is of nature '{definition.nature}' and can have no states"
            yield Problem(linked.place(definition, "states", key=True), CODE, said, "leave `states` out")
            continue
        field = linked.fields[definition.name].get(states.field)
        if field is not None:
            yield from _of_field(linked, definition, states, field)


def _of_field(linked: Linked, definition: Object, states: States, field: Field) -> Iterator[Problem]:
    known = options_of(linked, field)
    if not known or field.is_system or field.is_computed:
        place = linked.place(definition, "states", "field")
        yield Problem(place, CODE, f"the state field '{field.name}' is not a choice", "give it `type: choice`")
        return
    for path, value in _named(states):
        if value not in known:
            place = linked.place(definition, "states", *path)
            yield Problem(place, CODE, f"field '{field.name}' has no option '{value}'", hint_for(value, known))
    if isinstance(field.default, str) and states.initial and field.default not in states.initial:
        place = linked.place(definition, "states", "initial", key=True)
        yield Problem(place, CODE, f"the default '{field.default}' is not one of the initial states", "add it")


def options_of(linked: Linked, field: Field) -> Sequence[str]:
    """Give the values to choose one from; none where the field is no choice."""
    kind = field.type.expression_type()
    if kind is None or kind.sort != "text":
        return ()
    return [each.value for each in field.type.choices(Showing(options=named_options(linked)))]


def _named(states: States) -> Iterator[tuple[Path, str]]:
    """Give every state that is named, with its path."""
    for at, value in enumerate(states.initial):
        yield ("initial", at), value
    for position, transition in enumerate(states.transitions):
        for at, value in enumerate(transition.from_):
            yield ("transitions", position, "from", at), value
        yield ("transitions", position, "to"), transition.to
    for position, lock in enumerate(states.locks):
        for at, value in enumerate(lock.states):
            yield ("locks", position, "states", at), value
