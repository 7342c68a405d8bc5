"""a view: a saved way to look at many records"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dougong.base.text import Text
from dougong.definitions.kinds.parts import Definition, ExpressionOn, FieldOf, Merges, Name, Part, Refers


class ViewColumn(Part):
    """A column of a list: a field, or a path over lookups."""

    name: Annotated[str, FieldOf("object", path=True)] = Field(description="The field or path.")
    label: Text | None = Field(default=None, description="The heading; by default the field's label.")
    width: int | None = Field(default=None, ge=40, le=800, description="Pixels.")


class View(Definition):
    """A saved way to look at the records of an object."""

    KIND: ClassVar[str] = "view"
    FOLDER: ClassVar[str] = "views"

    object: Annotated[Name, Refers("object")] = Field(description="Whose records it lists.")
    type: Literal["list"] = Field(default="list", description="How they are shown.")
    columns: Annotated[tuple[ViewColumn, ...], Merges("name")] = Field(default=(), description="In their order.")
    where: Annotated[str, ExpressionOn("object", expect="boolean")] | None = Field(
        default=None, description="Only records for which this holds."
    )
    sort: Annotated[tuple[Annotated[str, FieldOf("object", path=True, sort=True)], ...], Merges("whole")] = Field(
        default=(), description="Fields or paths; `-` for descending."
    )
    filters: Annotated[tuple[Annotated[Name, FieldOf("object")], ...], Merges("set")] = Field(
        default=(), description="Fields offered as quick filters above the list."
    )
    position: int = Field(default=100, description="Views of an object stand in this order; the first is opened.")
