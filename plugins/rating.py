"""A field type for stars."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from dougong.sdk import Column, FieldType, InvalidValue, Reading, Showing, Text, Verbatim, hookimpl, types


class Rating(FieldType[int]):
    """Stars, from one to `stars`."""

    name = "rating"
    label = Text({"en": "Rating", "zh-CN": "星级"})
    widget = "number"
    comparisons = ("is", "is_not", "at_least", "at_most", "is_blank", "is_not_blank")

    stars: int = Field(default=5, ge=1, le=10, description="How many stars there are at most.")

    def columns(self) -> tuple[Column, ...]:
        return (Column("", sa.SmallInteger()),)

    def expression_type(self) -> types.Type:
        return types.WHOLE

    def parse(self, raw: Any, reading: Reading) -> int:
        said = raw if type(raw) is int else int(raw) if isinstance(raw, str) and raw in _DIGITS else 0
        if not 1 <= said <= self.stars:
            text = Text(
                {"en": f"Choose between 1 and {self.stars} stars.", "zh-CN": f"请选择 1 到 {self.stars} 颗星。"}
            )
            raise InvalidValue(Verbatim(text, code="rating_range"))
        return said

    def format(self, value: int, showing: Showing) -> str:
        return "★" * value + "☆" * (self.stars - value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": self.stars}


_DIGITS = {str(number) for number in range(1, 11)}


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [Rating]
