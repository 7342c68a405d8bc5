"""recipients: who is meant, by role, unit, place in the organisation or field of a record"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dougong.sdk.marks import ExpressionOn, FieldOf, Merges, Name, Part, Refers

WAYS = ("role", "user", "unit_head", "superior", "field", "expression")
"""The keys that say who: each recipient has one of them."""


class Recipient(Part):
    """One way to say who is meant: whom a notification tells, who may decide a work item.

    Fields and expressions are of the object that the definition around names under `object`.
    """

    name: Name
    role: Annotated[Name, Refers("role")] | None = Field(default=None, description="Whoever holds this role.")
    of: Literal["all", "unit"] = Field(
        default="all",
        description="With `role`: everyone who holds it, or only those in the record's unit and in the units it is "
        "part of.",
    )
    user: str | None = Field(default=None, min_length=1, max_length=80, description="One person, by login.")
    unit_head: Annotated[str, FieldOf("object", path=True)] | None = Field(
        default=None,
        description="The head of the unit in this field or path; where there is none, that of the unit it is part of.",
    )
    superior: int | None = Field(
        default=None,
        ge=1,
        le=10,
        description="The superior of the applicant, or of the record's owner: 1 for the direct one, 2 for theirs, …",
    )
    field: Annotated[str, FieldOf("object", path=True)] | None = Field(
        default=None, description="The person in this field or path."
    )
    expression: Annotated[str, ExpressionOn("object")] | None = Field(
        default=None, description="An expression that gives a person, such as `owner if amount < 1000 else unit.head`."
    )

    @model_validator(mode="after")
    def _says_who_once(self) -> Recipient:
        said = [way for way in WAYS if getattr(self, way) is not None]
        if len(said) != 1:
            raise ValueError(
                f"a recipient needs one of {', '.join(WAYS)}" + (f", not {' and '.join(said)}" if said else "")
            )
        if self.of == "unit" and self.role is None:
            raise ValueError("'of: unit' is for recipients by 'role'")
        return self


Recipients = Annotated[tuple[Recipient, ...], Merges("name")]
"""Several recipients; a person who is meant twice is meant once."""
