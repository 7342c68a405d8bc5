"""lead the person to a record"""

from __future__ import annotations

from pydantic import Field

from dougong.sdk import Action, ActionCall, Name, Text, hookimpl


class Open(Action):
    """Lead the person who pressed the button to a record that was made, once all is done."""

    do = "open"
    label = Text({"en": "Open a record", "zh-CN": "打开记录"})

    record: Name = Field(description="The name under which an action before kept it.")

    def names(self) -> tuple[str, ...]:
        return (self.record,)

    def run(self, call: ActionCall) -> None:
        found = call.made(self.record)
        if found is not None:
            call.open(*found)


@hookimpl
def actions() -> list[type[Action]]:
    return [Open]
