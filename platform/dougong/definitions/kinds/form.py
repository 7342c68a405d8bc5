"""a form: fields arranged for entering"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dougong.base.text import Text
from dougong.definitions.kinds.parts import Definition, FieldOf, Merges, Name, Part, Refers


class FormField(Part):
    """One field on a form."""

    name: Annotated[Name, FieldOf("object")]
    width: Literal["half", "full"] = "half"
    columns: Annotated[tuple[Annotated[Name, FieldOf("object", through="name")], ...], Merges("whole")] = Field(
        default=(), description="For children: the fields of a line that are shown, in their order."
    )


class Section(Part):
    """Fields under one heading."""

    name: Name
    label: Text | None = None
    fields: Annotated[tuple[FormField, ...], Merges("name")] = ()


class Form(Definition):
    """Fields arranged for entering and for reading one record."""

    KIND: ClassVar[str] = "form"
    FOLDER: ClassVar[str] = "forms"

    object: Annotated[Name, Refers("object")]
    for_new: bool = Field(default=True, description="Offered for new records.")
    for_edit: bool = Field(default=True, description="Offered for records that are there.")
    sections: Annotated[tuple[Section, ...], Merges("name")] = ()
    related: Annotated[tuple[Name, ...], Merges("whole")] | None = Field(
        default=None, description="Related lists under the record, as `object_field` names; by default all."
    )
