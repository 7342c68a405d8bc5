"""a view: a saved way to look at many records"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dougong.base.text import Text
from dougong.definitions.kinds.parts import Definition, ExpressionOn, FieldOf, Merges, Name, Part, Refers


class ViewColumn(Part):
    """A column of a list: a field, or a path over lookups."""

    name: Annotated[str, FieldOf("object", path=True)]
    label: Text | None = None
    width: int | None = Field(default=None, ge=40, le=800, description="Pixels.")


class View(Definition):
    """A saved way to look at the records of an object."""

    KIND: ClassVar[str] = "view"
    FOLDER: ClassVar[str] = "views"

    object: Annotated[Name, Refers("object")]
    type: Literal["list"] = "list"
    columns: Annotated[tuple[ViewColumn, ...], Merges("name")] = ()
    where: Annotated[str, ExpressionOn("object", expect="boolean")] | None = None
    sort: Annotated[tuple[Annotated[str, FieldOf("object", path=True, sort=True)], ...], Merges("whole")] = ()
    filters: Annotated[tuple[Annotated[Name, FieldOf("object")], ...], Merges("set")] = Field(
        default=(), description="Fields offered as quick filters above the list."
    )
    position: int = Field(default=100, description="Views of an object stand in this order; the first is opened.")
