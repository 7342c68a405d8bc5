"""an import map: how the columns of a file become fields"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dougong.base.text import Text
from dougong.definitions.kinds.parts import Definition, FieldOf, Merges, Name, Part, Refers


class Replacement(Part):
    """A cell that means something else."""

    cell: str
    value: str = Field(description="What to read instead; blank text makes the field blank.")


class MapColumn(Part):
    """One column of the file: its header, and the field it goes to."""

    name: str = Field(description="The header in the file.", min_length=1, max_length=200)
    to: Annotated[str, FieldOf("object")] = Field(description="The field it goes to.")
    by: Annotated[str, FieldOf("object", through="to")] | None = Field(
        default=None, description="For a lookup: the field of the other object that the cell holds."
    )
    format: str | None = Field(
        default=None, description="For dates and moments: how they stand in the file, such as '%Y-%m-%d %H:%M:%S.%f'."
    )
    replace: Annotated[tuple[Replacement, ...], Merges("whole")] = Field(
        default=(), description="Cells that mean something else."
    )


class LeftOut(Part):
    """A column that is not imported, and why."""

    name: str
    because: Text | None = None


class ParentKey(Part):
    """For children: which column says whose line a row is, and the field of the parent that it holds."""

    column: str
    by: Annotated[str, FieldOf("object", parent=True)]


class ImportMap(Definition):
    """How the columns of a file become fields of an object. Every column is either mapped or left out by name."""

    KIND: ClassVar[str] = "import_map"
    FOLDER: ClassVar[str] = "import_maps"

    object: Annotated[Name, Refers("object")] = Field(description="Whose records the rows become.")
    key: Annotated[tuple[Annotated[str, FieldOf("object")], ...], Merges("whole")] = Field(
        default=(), description="The natural key: a row whose key is there already changes that record."
    )
    columns: Annotated[tuple[MapColumn, ...], Merges("name")] = Field(min_length=1)
    leave_out: Annotated[tuple[LeftOut, ...], Merges("name")] = Field(
        default=(), description="Columns that are not imported."
    )
    parent: ParentKey | None = Field(default=None, description="For lines: whose they are.")
    blank: Annotated[tuple[str, ...], Merges("set")] = Field(default=(), description="Cells that mean blank: 'NULL'.")
    rejoin: Literal["leading_space"] | None = Field(
        default=None,
        description="Where a comma stood unquoted: `leading_space` joins a cell that begins with one to its left.",
    )
    encoding: str | None = Field(default=None, description="By default found out: UTF-8, UTF-16, GB 18030.")
    header_row: int = Field(default=1, ge=1, le=100, description="The row with the names of the columns.")
