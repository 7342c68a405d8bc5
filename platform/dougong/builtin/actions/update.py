"""change the record"""

from __future__ import annotations

from pydantic import Field

from dougong.sdk import Action, ActionCall, Assignments, Text, hookimpl


class Update(Action):
    """Change fields of the record."""

    do = "update"
    label = Text({"en": "Change the record", "zh-CN": "修改记录"})

    set: Assignments = Field(min_length=1, description="Which fields, and what they get.")

    def run(self, call: ActionCall) -> None:
        call.update(call.values(self.set, call.object))


@hookimpl
def actions() -> list[type[Action]]:
    return [Update]
