"""make a record of any object"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dougong.sdk import Action, ActionCall, Assignments, Name, Refers, Text, hookimpl


class Create(Action):
    """Make a record. Actions behind it know it as `made.NAME`, by what `keep_as` says."""

    do = "create"
    label = Text({"en": "Make a record", "zh-CN": "新建记录"})

    object: Annotated[Name, Refers("object")] = Field(description="Of which object.")
    set: Assignments = Field(default=(), description="Its fields, as expressions on the record that this is about.")
    keep_as: Name | None = Field(default=None, description="The name under which later actions know it.")

    def makes(self) -> tuple[str, str] | None:
        return (self.keep_as, self.object) if self.keep_as else None

    def run(self, call: ActionCall) -> None:
        call.create(self.object, call.values(self.set, self.object), keep_as=self.keep_as)


@hookimpl
def actions() -> list[type[Action]]:
    return [Create]
