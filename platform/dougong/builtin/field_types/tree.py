"""a record's place below another of its kind"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

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
    where: Annotated[str, StringConstraints(min_length=1, max_length=2000)] | None = Field(
        default=None,
        description="Which records it offers: a condition over their fields, in which `this.customer` is a field of "
        "the record that points.",
        json_schema_extra={"x-expression": True},
    )
    related_label: Text | None = Field(
        default=None,
        description="What the list of these records is called on the page of the record above them.",
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

    def list_label(self) -> Text | None:
        return self.related_label

    def offers(self) -> str | None:
        return self.where

    def when_deleted(self) -> OnDelete:
        return self.on_delete

    def path_column(self) -> str | None:
        return "_path"


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [Tree]
