"""write a comment under the record"""

from __future__ import annotations

from pydantic import Field

from dougong.sdk import Action, ActionCall, Text, hookimpl
from dougong.sdk.action import RecordExpression


class Comment(Action):
    """Write a comment under the record."""

    do = "comment"
    label = Text({"en": "Comment", "zh-CN": "添加评论"})

    text: RecordExpression = Field(description="What it says, as an expression that gives text.")

    def run(self, call: ActionCall) -> None:
        text = call.evaluate(self.text)
        if text:
            call.perform("comment", object=call.object, record=call.record, text=str(text))


@hookimpl
def actions() -> list[type[Action]]:
    return [Comment]
