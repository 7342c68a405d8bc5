"""what starts an automation or a notification: a change of a record, a transition, or a date that has come"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dougong.definitions.kinds.parts import FieldOf, Merges, Name, Part

Event = Literal["created", "updated", "deleted", "transition", "date"]

_BELONGS: dict[str, str] = {
    "fields": "updated",
    "transition": "transition",
    "field": "date",
    "days": "date",
    "at": "date",
}


class Trigger(Part):
    """What starts it. Which object it is about stands around it, under `object`."""

    on: Event = Field(
        description="A record is created, updated or deleted, goes through a transition, or a date comes."
    )
    fields: Annotated[tuple[Annotated[Name, FieldOf("object")], ...], Merges("set")] = Field(
        default=(), description="With `updated`: only where one of these changed."
    )
    transition: Name | None = Field(default=None, description="With `transition`: which one; by default any.")
    field: Annotated[Name, FieldOf("object")] | None = Field(
        default=None, description="With `date`: the date or moment that is waited for."
    )
    days: int = Field(
        default=0, ge=-3660, le=3660, description="With `date`: so many days after it; before it where negative."
    )
    at: str | None = Field(
        default=None,
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="With `date`: the time of day, in the instance's zone; by default 09:00.",
    )

    @model_validator(mode="after")
    def _keys_go_together(self) -> Trigger:
        for key, event in _BELONGS.items():
            if key in self.model_fields_set and getattr(self, key) and self.on != event:
                raise ValueError(f"'{key}' is for a trigger with `on: {event}`")
        if self.on == "date" and self.field is None:
            raise ValueError("a trigger with `on: date` needs 'field'")
        return self

    def hears(self, happened: str, changed: tuple[str, ...], transition: str | None) -> bool:
        """Whether a change of a record is what it waits for; a date never is."""
        match self.on:
            case "transition":
                return transition is not None and self.transition in (None, transition)
            case "updated":
                return happened == "updated" and (not self.fields or not set(self.fields).isdisjoint(changed))
            case "created" | "deleted":
                return happened == self.on
            case "date":
                return False
