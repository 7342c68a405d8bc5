"""a view: a saved way to look at many records"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dougong.base.text import Text
from dougong.definitions.kinds.parts import Definition, ExpressionOn, FieldOf, Merges, Name, Part, Refers

ViewType = Literal["list", "board", "calendar", "tree", "gallery"]
Hue = Literal["gray", "blue", "teal", "green", "yellow", "orange", "red", "purple", "pink"]
Function = Literal["sum", "avg", "min", "max", "count"]

FieldName = Annotated[Name, FieldOf("object")]
FieldPath = Annotated[str, FieldOf("object", path=True)]


class ViewColumn(Part):
    """A column of a list: a field, or a path over lookups."""

    name: Annotated[str, FieldOf("object", path=True)] = Field(description="The field or path.")
    label: Text | None = Field(default=None, description="The heading; by default the field's label.")
    width: int | None = Field(default=None, ge=40, le=800, description="Pixels.")


class Board(Part):
    """Cards in columns, one for each option of a choice. Where it is the state, moving a card is a transition."""

    by: FieldName = Field(description="The choice or the state whose options are the columns.")
    title: FieldPath | None = Field(default=None, description="What names a card; by default the title of the record.")
    fields: Annotated[tuple[FieldPath, ...], Merges("set")] = Field(default=(), description="What else a card shows.")
    sum: FieldName | None = Field(default=None, description="A number that is summed for each column.")
    limit: int = Field(default=20, ge=1, le=100, description="Cards of a column that are shown at once.")


class Calendar(Part):
    """Records on the days of a month, a week or a day."""

    start: FieldName = Field(description="The date or moment at which a record stands.")
    end: FieldName | None = Field(default=None, description="Its last day or moment; by default it has no length.")
    title: FieldPath | None = Field(default=None, description="What names an entry; by default the record's title.")
    colour_by: FieldName | None = Field(default=None, description="A choice whose colours the entries have.")


class Tree(Part):
    """Records below each other."""

    parent: FieldName = Field(description="The field that points to the record above: of this object again.")


class Gallery(Part):
    """Records as cards."""

    title: FieldPath | None = Field(default=None, description="What names a card; by default the title of the record.")
    fields: Annotated[tuple[FieldPath, ...], Merges("set")] = Field(default=(), description="What else a card shows.")


class ColourRule(Part):
    """Rows, cards or entries in a colour. The first that holds counts."""

    name: Name
    when: Annotated[str, ExpressionOn("object", expect="boolean")] = Field(description="For which records.")
    colour: Hue = Field(description="A hue of the design system.")
    column: FieldPath | None = Field(default=None, description="Only the cell of this column; by default the row.")


class Total(Part):
    """What stands at the foot of a column, over all records of the list and not only those of the page."""

    name: FieldName = Field(description="The column.")
    function: Function = "sum"


class View(Definition):
    """A saved way to look at the records of an object."""

    KIND: ClassVar[str] = "view"
    FOLDER: ClassVar[str] = "views"

    object: Annotated[Name, Refers("object")] = Field(description="Whose records it shows.")
    type: ViewType = Field(default="list", description="How they are shown; all but a list need the key of this name.")
    board: Board | None = Field(default=None, description="For a board: its columns and cards.")
    calendar: Calendar | None = Field(default=None, description="For a calendar: what stands where.")
    tree: Tree | None = Field(default=None, description="For a tree: what stands below what.")
    gallery: Gallery | None = Field(default=None, description="For a gallery: its cards; by default the columns.")
    columns: Annotated[tuple[ViewColumn, ...], Merges("name")] = Field(
        default=(), description="In their order: of a list and of a tree, and of every view as a file."
    )
    where: Annotated[str, ExpressionOn("object", expect="boolean")] | None = Field(
        default=None, description="Only records for which this holds."
    )
    sort: Annotated[tuple[Annotated[str, FieldOf("object", path=True, sort=True)], ...], Merges("whole")] = Field(
        default=(), description="Fields or paths; `-` for descending."
    )
    filters: Annotated[tuple[Annotated[Name, FieldOf("object")], ...], Merges("set")] = Field(
        default=(), description="Fields offered as quick filters above the list."
    )
    colours: Annotated[tuple[ColourRule, ...], Merges("name")] = Field(
        default=(), description="Rules that colour rows or cells; the first that holds counts."
    )
    totals: Annotated[tuple[Total, ...], Merges("name")] = Field(default=(), description="The foot of a list.")
    freeze: int = Field(
        default=0, ge=0, le=1, description="1: the first column stays in sight while a list is scrolled."
    )
    position: int = Field(default=100, description="Views of an object stand in this order; the first is opened.")
