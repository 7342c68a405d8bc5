"""E435: a button that cannot be offered

A transition is a button by its name already, and on a list there is no record that a condition could look at.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.kinds.button import Button
from dougong.definitions.kinds.object import Object
from dougong.definitions.linked import Linked

CODE = "E435"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at all buttons."""
    for button in linked.of(Button):
        model = linked.find(Object, button.object)
        known = {each.name for each in model.states.transitions} if model and model.states else set()
        if button.name in known:
            said = f"object '{button.object}' has a transition '{button.name}', which is a button already"
            yield Problem(linked.place(button, "name"), CODE, said, "give the button another name")
        if button.on == "list" and button.when is not None:
            said = "a button of a list has no record for its condition"
            yield Problem(linked.place(button, "when", key=True), CODE, said, "leave `when` out")
        if model is not None and model.nature == "child":
            said = f"'{button.object}' are lines, which have no page of their own"
            yield Problem(linked.place(button, "object"), CODE, said)
