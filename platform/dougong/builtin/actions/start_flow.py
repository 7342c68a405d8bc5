"""start an approval of the record"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dougong.sdk import Action, ActionCall, Name, Refers, Text, hookimpl


class StartFlow(Action):
    """Start a flow on the record, or on one that was made before."""

    do = "start_flow"
    label = Text({"en": "Start an approval", "zh-CN": "发起审批"})

    flow: Annotated[Name, Refers("flow")] = Field(description="Which flow.")
    of: Name | None = Field(default=None, description="The record that was kept under this name, in place of this one.")

    def names(self) -> tuple[str, ...]:
        return (self.of,) if self.of else ()

    def run(self, call: ActionCall) -> None:
        made = call.made(self.of) if self.of else None
        object_name, record = made or (call.object, call.record)
        call.perform("start_flow", flow=self.flow, object=object_name, record=record)


@hookimpl
def actions() -> list[type[Action]]:
    return [StartFlow]
