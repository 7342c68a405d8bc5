"""lead the record on by a transition"""

from __future__ import annotations

from pydantic import Field

from dougong.sdk import Action, ActionCall, Assignments, Name, Text, hookimpl


class Transition(Action):
    """Lead the record on by one of its transitions."""

    do = "transition"
    label = Text({"en": "Change the state", "zh-CN": "变更状态"})

    transition: Name = Field(description="Which one.")
    set: Assignments = Field(default=(), description="What the transition asks for.")

    def leads(self) -> tuple[str, ...]:
        return (self.transition,)

    def run(self, call: ActionCall) -> None:
        call.transition(self.transition, call.values(self.set, call.object))


@hookimpl
def actions() -> list[type[Action]]:
    return [Transition]
