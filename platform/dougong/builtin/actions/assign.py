"""give the record to somebody"""

from __future__ import annotations

from pydantic import Field

from dougong.sdk import Action, ActionCall, Message, Recipients, Text, hookimpl


class Assign(Action):
    """Give the record to somebody: the first of the active people who are meant becomes its owner."""

    do = "assign"
    label = Text({"en": "Assign", "zh-CN": "分配负责人"})

    to: Recipients = Field(min_length=1, description="Who.")

    def run(self, call: ActionCall) -> None:
        people = call.recipients(self.to)
        if not people:
            raise call.fail(Message("There is nobody to whom this could be assigned.", code="nobody"))
        call.update({"owner": people[0]})


@hookimpl
def actions() -> list[type[Action]]:
    return [Assign]
