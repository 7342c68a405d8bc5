"""E433: a trigger that never comes

A date is waited for in a date or moment, and a transition is one of the object's. Once a record is deleted, an
automation finds nothing to work on.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.names import hint_for
from dougong.base.problems import Problem
from dougong.definitions.kinds.automation import Automation
from dougong.definitions.kinds.object import Object
from dougong.definitions.kinds.parts import Definition
from dougong.definitions.kinds.trigger import Trigger
from dougong.definitions.linked import Linked

CODE = "E433"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at every trigger."""
    for definition in linked.all():
        trigger = getattr(definition, "trigger", None)
        if not isinstance(trigger, Trigger):
            continue
        if isinstance(definition, Automation) and trigger.on == "deleted":
            place = linked.place(definition, "trigger", "on")
            said = "an automation has no record to work on once it is deleted"
            yield Problem(place, CODE, said, "use a notification, or a state such as 'archived'")
        yield from _of(linked, definition, trigger)


def _of(linked: Linked, definition: Definition, trigger: Trigger) -> Iterator[Problem]:
    object_name = str(getattr(definition, "object", ""))
    model = linked.find(Object, object_name)
    if model is None:
        return
    if trigger.field is not None and (kind := linked.type_of(object_name, trigger.field)) is not None:
        held = linked.fields[object_name][trigger.field]
        if kind.sort not in ("date", "moment") or not held.type.columns():
            place = linked.place(definition, "trigger", "field")
            yield Problem(place, CODE, f"'{trigger.field}' is not a date or moment that is kept")
    known = [each.name for each in model.states.transitions] if model.states else []
    if trigger.transition is not None and trigger.transition not in known:
        place = linked.place(definition, "trigger", "transition")
        said = f"object '{object_name}' has no transition '{trigger.transition}'"
        yield Problem(place, CODE, said, hint_for(trigger.transition, known))
    if trigger.on == "transition" and not known:
        place = linked.place(definition, "trigger", "on")
        yield Problem(place, CODE, f"object '{object_name}' has no transitions", "give it `states`")
