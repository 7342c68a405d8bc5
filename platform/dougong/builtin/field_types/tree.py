"""a record's place below another of its kind"""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field

from dougong.builtin.field_types.lookup import read_id
from dougong.sdk import (
    Column,
    FieldType,
    Key,
    Name,
    OnDelete,
    Reading,
    Showing,
    Text,
    hookimpl,
    text_column,
    types,
)


class Tree(FieldType[str]):
    """The record above this one, of the same object. A second column keeps the way down from the root.

    The gate fills that column: only it knows the records above.
    """

    name = "tree"
    label = Text({"en": "Place in a tree", "zh-CN": "上级记录"})
    widget = "lookup"
    comparisons = ("is", "is_not", "any_of", "is_blank", "is_not_blank")

    to: Name | None = Field(default=None, description="The object itself; may be left out.")
    on_delete: OnDelete = Field(
        default="refuse",
        description="When the record above is deleted: refuse that, clear this field, or delete along.",
    )

    def within(self, object_name: str) -> Self:
        return self.model_copy(update={"to": object_name})

    def columns(self) -> tuple[Column, ...]:
        return (Column("", Key()), Column("_path", text_column()))

    def expression_type(self) -> types.Type | None:
        return types.record(self.to) if self.to else None

    def parse(self, raw: Any, reading: Reading) -> str:
        return read_id(raw)

    def format(self, value: str, showing: Showing) -> str:
        return showing.titles.get(value) or value

    def store(self, value: str) -> tuple[Any, ...]:
        return (value, None)

    def sort_column(self) -> str | None:
        return None

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"}

    def lookup(self) -> str | None:
        return self.to

    def when_deleted(self) -> OnDelete:
        return self.on_delete

    def path_column(self) -> str | None:
        return "_path"


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [Tree]
