"""role and permission set"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from dougong.definitions.kinds.parts import Definition, ExpressionOn, FieldOf, Merges, Name, Part, Refers
from dougong.sdk.field_type import Option

Verb = Literal[
    "read", "create", "update", "delete", "share", "assign", "import", "export", "print", "run", "approve", "configure"
]
ADMINISTRATOR = "administrator"
"""The reserved role of users with `is_administrator`: every right, before any role is defined."""

ScopeName = Literal["own", "unit", "unit_and_below", "expression", "all"]


class Grant(Part):
    """Verbs on an object's records within a scope. Grants only add."""

    name: Name
    object: Annotated[Name, Refers("object")] | Literal["*"] = Field(description="An object, or '*' for every one.")
    verbs: Annotated[tuple[Verb, ...], Merges("set")] = Field(min_length=1, description="What one may do.")
    scope: ScopeName = Field(
        default="own",
        description="Which records: one's own, those of one's units, of these and below, by `where`, all.",
    )
    where: Annotated[str, ExpressionOn("object", expect="boolean")] | None = Field(
        default=None, description="Only these records; with scope `expression` it is the whole rule."
    )
    reveal: Annotated[tuple[Annotated[Name, FieldOf("object")], ...], Merges("set")] = Field(
        default=(), description="Sensitive fields that this grant shows and, with update, lets change."
    )
    fields: Annotated[tuple[Annotated[Name, FieldOf("object")], ...], Merges("set")] | None = Field(
        default=None, description="Only these fields may be read (and written, with create or update); by default all."
    )

    @model_validator(mode="after")
    def _expression_has_a_rule(self) -> Grant:
        if self.scope == "expression" and self.where is None:
            raise ValueError("a grant with scope 'expression' needs 'where'")
        return self


class PermissionSet(Definition):
    """Grants handed out together."""

    KIND: ClassVar[str] = "permission_set"
    FOLDER: ClassVar[str] = "access"

    grants: Annotated[tuple[Grant, ...], Merges("name")] = ()


class Role(Definition):
    """What a person is: the permission sets that come with it. Who holds it is a record."""

    KIND: ClassVar[str] = "role"
    FOLDER: ClassVar[str] = "access"

    permission_sets: Annotated[tuple[Annotated[Name, Refers("permission_set")], ...], Merges("set")] = ()


def as_options(roles: Iterable[Role]) -> tuple[Option, ...]:
    """Give roles to choose from: the name is stored, the label is shown."""
    return tuple(Option(value=role.name, label=role.shown_label()) for role in roles)
