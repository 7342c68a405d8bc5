"""numbers that the system gives"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from dougong.sdk import (
    Column,
    FieldType,
    Reading,
    Text,
    hookimpl,
    number_key,
    pattern_problems,
    read_text,
    text_column,
    types,
)

_LONGEST = 100


class AutoNumber(FieldType[str]):
    """A number that a new record gets, such as C-2026-0001.

    Numbering starts again where the dates in it change.
    """

    name = "auto_number"
    label = Text({"en": "Automatic number", "zh-CN": "自动编号"})
    widget = "none"
    comparisons = ("is", "is_not", "contains", "starts_with", "any_of", "is_blank", "is_not_blank")
    is_computed = True

    pattern: Annotated[str, StringConstraints(min_length=1, max_length=60)] = Field(
        description="Text with {sequence}, or {sequence:4} for at least 4 digits; and {year}, {month}, {day}."
    )

    def columns(self) -> tuple[Column, ...]:
        return (Column("", text_column()), Column("_key", text_column()))

    def expression_type(self) -> types.Type:
        return types.TEXT

    def parse(self, raw: Any, reading: Reading) -> str:
        return read_text(raw, longest=_LONGEST)

    def store(self, value: str) -> tuple[Any, ...]:
        return (value, number_key(value))

    def sort_column(self) -> str:
        return "_key"

    def numbering(self) -> str | None:
        return self.pattern

    def problems(self) -> Sequence[str]:
        return pattern_problems(self.pattern)


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [AutoNumber]
