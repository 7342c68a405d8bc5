"""a notification: who is told what about a record, when, and by which ways"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dougong.base.text import Text
from dougong.definitions.kinds.parts import Definition, ExpressionOn, Merges, Name, Refers
from dougong.definitions.kinds.people import Recipients
from dougong.definitions.kinds.trigger import Trigger

Channel = Literal["app", "mail"]


class Notification(Definition):
    """What people are told: in the application, and by mail. What each person has chosen stands above it.

    `title` and `body` may show values of the record: `{{ record.name }}`, `{{ record.customer.name }}`.
    """

    KIND: ClassVar[str] = "notification"
    FOLDER: ClassVar[str] = "notifications"

    object: Annotated[Name, Refers("object")] = Field(description="Whose records it is about.")
    trigger: Trigger | None = Field(
        default=None, description="When it is sent; absent: only when an action or a flow sends it."
    )
    where: Annotated[str, ExpressionOn("object", expect="boolean")] | None = Field(
        default=None, description="Only for records for which this holds."
    )
    recipients: Recipients = Field(default=(), description="Who is told; a person who is meant twice is told once.")
    title: Text = Field(description="One line, with values of the record in it.")
    body: Text | None = Field(default=None, description="More of it, with values of the record in it.")
    channels: Annotated[tuple[Channel, ...], Merges("set")] = Field(
        default=("app", "mail"), description="By which ways, for those who have not chosen otherwise."
    )
    active: bool = Field(default=True, description="Whether it is sent by itself at all.")
