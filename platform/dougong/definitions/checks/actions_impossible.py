"""E434: an action that cannot be done

It writes what nobody can write, leads on by a transition that is not there, or works with what no action before it
made.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.names import hint_for
from dougong.base.problems import Problem
from dougong.definitions.kinds.object import Field, Object
from dougong.definitions.kinds.parts import Definition
from dougong.definitions.linked import Linked
from dougong.sdk.action import Action, Assignment

CODE = "E434"
_MAY_BE_SET = ("owner", "unit")


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the actions of buttons and automations."""
    for definition in linked.all():
        actions = getattr(definition, "actions", ())
        made: list[str] = []
        for position, action in enumerate(actions if isinstance(actions, tuple) else ()):
            if isinstance(action, Action):
                yield from _of(linked, definition, action, position, made)
                kept = action.makes()
                made += [kept[0]] if kept else []


def _of(linked: Linked, definition: Definition, action: Action, position: int, made: list[str]) -> Iterator[Problem]:
    place = linked.place(definition, "actions", position)
    for name in action.names():
        if name not in made:
            said = f"'{action.name}' works with '{name}', which no action before it makes"
            yield Problem(place, CODE, said, hint_for(name, made) if made else "say `keep_as` where it is made")
    object_name = str(getattr(definition, "object", ""))
    model = linked.find(Object, object_name)
    known = [each.name for each in model.states.transitions] if model and model.states else []
    for name in action.leads():
        if model is not None and name not in known:
            said = f"object '{object_name}' has no transition '{name}'"
            yield Problem(
                linked.place(definition, "actions", position, "transition"), CODE, said, hint_for(name, known)
            )
    written = str(getattr(action, "object", object_name))
    for at, assignment in enumerate(getattr(action, "set", ())):
        if isinstance(assignment, Assignment):
            why = _why_not(linked.fields.get(written, {}).get(assignment.field))
            if why:
                where = linked.place(definition, "actions", position, "set", at, "field")
                yield Problem(where, CODE, f"'{action.name}' cannot write '{assignment.field}': {why}")


def _why_not(field: Field | None) -> str:
    if field is None:
        return ""  # link.py has said so
    if field.is_system and field.name not in _MAY_BE_SET:
        return "the system keeps it"
    if field.is_computed:
        return "it is computed"
    return "it holds lines" if field.type.lines() is not None else ""
