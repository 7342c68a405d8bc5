"""the states of an object: how its records go from one to the next, and what is locked where"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as Key

from dougong.base.text import Text
from dougong.definitions.kinds.parts import ExpressionOn, FieldOf, Merges, Name, Part, Refers

FieldName = Annotated[str, FieldOf("")]
Role = Annotated[Name, Refers("role")]


class Effect(Part):
    """A field of the record, and what it is set to."""

    field: FieldName = Key(description="The field.")
    value: Annotated[str, ExpressionOn("")] = Key(description="What it gets, as an expression on the record.")


class Transition(Part):
    """A way from some states to another, and its button."""

    name: Name = Key(description="Also the name of its button.")
    label: Text | None = Key(default=None, description="What stands on the button; by default the name.")
    from_: Annotated[tuple[str, ...], Merges("set")] = Key(
        alias="from", min_length=1, description="The states it leads from."
    )
    to: str = Key(description="The state it leads to.")
    when: Annotated[str, ExpressionOn("", expect="boolean")] | None = Key(
        default=None, description="Only where this holds of the record, with what was entered and before the effects."
    )
    otherwise: Text | None = Key(default=None, description="What to tell the person where `when` does not hold.")
    roles: Annotated[tuple[Role, ...], Merges("set")] = Key(
        default=(), description="Who, of those who may update the record; by default all of them."
    )
    requires: Annotated[tuple[FieldName, ...], Merges("set")] = Key(
        default=(), description="Fields that are filled after it; its dialog asks for them."
    )
    asks: Annotated[tuple[FieldName, ...], Merges("set")] = Key(
        default=(), description="Fields that its dialog offers and that may stay blank."
    )
    set: Annotated[tuple[Effect, ...], Merges("whole")] = Key(
        default=(), description="What it does to the record itself, in the same write."
    )
    by: Literal["person", "system"] = Key(
        default="person", description="`system`: only flows and automations that run as the system."
    )
    style: Literal["primary", "default", "danger"] = Key(default="default", description="How its button looks.")
    confirm: Text | None = Key(default=None, description="A question before it.")

    def shown_label(self) -> Text:
        """The label, or the name made readable."""
        return self.label or Text({"en": self.name.replace("_", " ").capitalize()})


class StateLock(Part):
    """States in which a record may not be changed or deleted, except by its transitions."""

    name: Name
    states: Annotated[tuple[str, ...], Merges("set")] = Key(min_length=1, description="While the record is in these.")
    verbs: Annotated[tuple[Literal["update", "delete"], ...], Merges("set")] = Key(
        default=("update", "delete"), min_length=1, description="What may not be done."
    )
    except_fields: Annotated[tuple[FieldName, ...], Merges("set")] = Key(
        default=(), description="Fields that may still be changed."
    )
    unless_roles: Annotated[tuple[Role, ...], Merges("set")] = Key(default=(), description="Who is not bound by it.")
    reason: Text | None = Key(default=None, description="What to tell the person; there is a sentence of ours.")


class States(Part):
    """How the records of an object go from state to state. No door lets a state change otherwise."""

    field: FieldName = Key(description="The choice that holds the state; its options are the states, in their order.")
    initial: Annotated[tuple[str, ...], Merges("set")] = Key(
        default=(), description="What a new record may begin in; by default the field's default, else its first option."
    )
    transitions: Annotated[tuple[Transition, ...], Merges("name")] = Key(default=(), description="In their order.")
    locks: Annotated[tuple[StateLock, ...], Merges("name")] = ()

    def begins_in(self, default: object, first: str | None) -> tuple[str, ...]:
        """Give the states a new record may begin in, of the field's default and its first option."""
        if self.initial:
            return self.initial
        begin = default if isinstance(default, str) else first
        return () if begin is None else (begin,)
