"""a field that points to one record"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from dougong.sdk import (
    Column,
    FieldType,
    InvalidValue,
    Key,
    Message,
    Name,
    OnDelete,
    Reading,
    Showing,
    Text,
    hookimpl,
    is_id,
    types,
)

_LONGEST = 40


def read_id(raw: Any) -> str:
    """Read the id of a record, or raise `InvalidValue`. Whether there is such a record, the gate knows."""
    said = raw.strip().lower() if isinstance(raw, str) and len(raw) <= _LONGEST else ""
    if not is_id(said):
        raise InvalidValue(Message("Choose a record from the list.", code="lookup_unclear"))
    return said


class Lookup(FieldType[str]):
    """A pointer to one record. Its value is the record's id; people see the record's title."""

    name = "lookup"
    label = Text({"en": "Lookup", "zh-CN": "关联记录"})
    widget = "lookup"
    comparisons = ("is", "is_not", "any_of", "is_blank", "is_not_blank")

    to: Name = Field(description="The object whose records it points to.")
    on_delete: OnDelete = Field(
        default="refuse",
        description="When that record is deleted: refuse that, clear this field, or delete along.",
    )
    where: Annotated[str, StringConstraints(min_length=1, max_length=2000)] | None = Field(
        default=None,
        description="Which records it offers: a condition over their fields, in which `this.customer` is a field of "
        "the record that points.",
        json_schema_extra={"x-expression": True},
    )
    related_label: Text | None = Field(
        default=None,
        description="What the list of these records is called on the page of the record that they point to.",
    )

    def columns(self) -> tuple[Column, ...]:
        return (Column("", Key()),)

    def expression_type(self) -> types.Type:
        return types.record(self.to)

    def parse(self, raw: Any, reading: Reading) -> str:
        return read_id(raw)

    def format(self, value: str, showing: Showing) -> str:
        return showing.titles.get(value) or value

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


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [Lookup]
