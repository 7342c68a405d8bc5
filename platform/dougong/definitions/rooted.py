"""what expressions of actions may name beside the record: what was given, and what was made before"""

from __future__ import annotations

from dougong.definitions.kinds.button import Button
from dougong.definitions.kinds.parts import Definition
from dougong.expressions.roots import Roots
from dougong.expressions.types import Scope, Type, record
from dougong.sdk.action import Action

GIVEN, MADE = "given", "made"


def roots_of(definition: Definition, scope: Scope, position: int) -> Roots:
    """Give the roots for the action at a position: the inputs of its button, and what the actions before it keep."""
    actions: tuple[Action, ...] = getattr(definition, "actions", ())
    made = dict(kept for action in actions[:position] if (kept := action.makes()) is not None)
    types: dict[str, dict[str, Type]] = {MADE: {name: record(object_name) for name, object_name in made.items()}}
    if isinstance(definition, Button):
        types[GIVEN] = _given(definition, scope)
    return Roots.of(types)


def _given(button: Button, scope: Scope) -> dict[str, Type]:
    found = {}
    for each in button.inputs:
        if each.type is not None:
            kind = each.type.expression_type()
        else:
            kind = scope.type_of(button.object, each.field) if each.field else None
        if kind is not None and kind.sort != "children":
            found[each.name] = kind
    return found
