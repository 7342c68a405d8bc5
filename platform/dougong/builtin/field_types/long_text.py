"""text of several lines"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from dougong.sdk import Column, FieldType, Reading, Text, hookimpl, read_text, text_column, types


class LongText(FieldType[str]):
    """Text of any number of lines, such as notes. Lists do not sort by it."""

    name = "long_text"
    label = Text({"en": "Long text", "zh-CN": "多行文本"})
    widget = "textarea"
    comparisons = ("contains", "is_blank", "is_not_blank")

    max_length: int = Field(default=100_000, ge=1, le=100_000, description="How many characters it may have.")

    def columns(self) -> tuple[Column, ...]:
        return (Column("", text_column()),)

    def expression_type(self) -> types.Type:
        return types.TEXT

    def parse(self, raw: Any, reading: Reading) -> str:
        return read_text(raw, longest=self.max_length, lines=True)

    def sort_column(self) -> str | None:
        return None

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.max_length}


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [LongText]
