"""a form: fields arranged for entering"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dougong.base.text import Text
from dougong.definitions.kinds.parts import Definition, FieldOf, Merges, Name, Part, Refers


class FormField(Part):
    """One field on a form."""

    name: Annotated[Name, FieldOf("object")] = Field(description="The field.")
    width: Literal["half", "full"] = Field(default="half", description="Of the form's two columns.")
    columns: Annotated[tuple[Annotated[Name, FieldOf("object", through="name")], ...], Merges("whole")] = Field(
        default=(), description="For children: the fields of a line that are shown, in their order."
    )


class Section(Part):
    """Fields under one heading."""

    name: Name
    label: Text | None = Field(default=None, description="The heading; none where there is no label.")
    fields: Annotated[tuple[FormField, ...], Merges("name")] = Field(default=(), description="In their order.")


class TimelineList(Part):
    """A related list whose records stand in the timeline of a record."""

    name: Name = Field(description="The related list, as `object_field` names it.")
    by: Name | None = Field(
        default=None, description="The date or moment at which its records stand; by default when they were created."
    )


class Form(Definition):
    """Fields arranged for entering and for reading one record."""

    KIND: ClassVar[str] = "form"
    FOLDER: ClassVar[str] = "forms"

    object: Annotated[Name, Refers("object")] = Field(description="Whose records it shows.")
    for_new: bool = Field(default=True, description="Offered for new records.")
    for_edit: bool = Field(default=True, description="Offered for records that are there.")
    sections: Annotated[tuple[Section, ...], Merges("name")] = Field(default=(), description="In their order.")
    related: Annotated[tuple[Name, ...], Merges("whole")] | None = Field(
        default=None, description="Related lists under the record, as `object_field` names; by default all."
    )
    timeline: Annotated[tuple[TimelineList, ...], Merges("name")] = Field(
        default=(), description="Related lists whose records stand in the timeline beside the record."
    )
