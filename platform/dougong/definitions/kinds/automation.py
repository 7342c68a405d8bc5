"""an automation: a trigger, a condition, some actions"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dougong.definitions.kinds.doing import Steps
from dougong.definitions.kinds.parts import Definition, ExpressionOn, Name, Refers
from dougong.definitions.kinds.trigger import Trigger


class Automation(Definition):
    """What happens by itself: when its trigger hears of a record for which its condition holds, its actions are done.

    All of its actions are done or none. What one run changes may start others, eight deep at most.
    """

    KIND: ClassVar[str] = "automation"
    FOLDER: ClassVar[str] = "automations"

    object: Annotated[Name, Refers("object")] = Field(description="Whose records it is about.")
    trigger: Trigger
    where: Annotated[str, ExpressionOn("object", expect="boolean", outermost=True)] | None = Field(
        default=None, description="Only records for which this holds, as they are after the change."
    )
    moment: Literal["after_commit", "before_commit"] = Field(
        default="after_commit",
        description="`after_commit`: soon after the change was saved, with retries; `before_commit`: with the change, "
        "and where an action fails the change is refused.",
    )
    run_as: Literal["system", "trigger"] = Field(
        default="system", description="Whose rights it has: the system's, or those of who changed the record."
    )
    active: bool = Field(default=True, description="Whether it runs at all.")
    actions: Steps
