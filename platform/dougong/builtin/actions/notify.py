"""tell people of the record"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from dougong.sdk import Action, ActionCall, Name, Recipients, Refers, Text, hookimpl


class Notify(Action):
    """Tell people: with a notification that is defined, or with recipients and words of its own."""

    do = "notify"
    label = Text({"en": "Notify", "zh-CN": "发送通知"})

    notification: Annotated[Name, Refers("notification")] | None = Field(
        default=None, description="A notification, with its own recipients and words."
    )
    recipients: Recipients = Field(default=(), description="Who, in place of the notification's.")
    title: Text | None = Field(default=None, description="The words, where no notification has them.")
    body: Text | None = Field(default=None, description="More words below.")

    @model_validator(mode="after")
    def _says_something(self) -> Notify:
        if self.notification is None and (self.title is None or not self.recipients):
            raise ValueError("'notify' needs 'notification', or 'recipients' and 'title'")
        return self

    def run(self, call: ActionCall) -> None:
        call.perform(
            "notify",
            recipients=call.recipients(self.recipients) if self.recipients else None,
            title=self.title,
            body=self.body,
            object=call.object,
            record=call.record or None,
            notification=self.notification,
        )


@hookimpl
def actions() -> list[type[Action]]:
    return [Notify]
