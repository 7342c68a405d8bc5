"""whole numbers"""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from pydantic import Field

from dougong.sdk import (
    Column,
    FieldType,
    Reading,
    Showing,
    Text,
    fit,
    hookimpl,
    read_decimal,
    rounded,
    show_decimal,
    types,
)

_LEAST, _MOST = -(2**63), 2**63 - 1
_SURE = 19
"""Fewer digits than these are a whole number in every language."""


class Integer(FieldType[int]):
    """A whole number of 64 bits."""

    name = "integer"
    label = Text({"en": "Whole number", "zh-CN": "整数"})
    widget = "number"
    comparisons = ("is", "is_not", "at_least", "at_most", "any_of", "is_blank", "is_not_blank")
    align = "end"

    min: int = Field(default=_LEAST, ge=_LEAST, le=_MOST, description="The smallest number allowed.")
    max: int = Field(default=_MOST, ge=_LEAST, le=_MOST, description="The largest number allowed.")
    grouped: bool = Field(
        default=True, description="Whether it is shown as 10,248; `false` for numbers that only name something."
    )

    def columns(self) -> tuple[Column, ...]:
        return (Column("", sa.BigInteger()),)

    def expression_type(self) -> types.Type:
        return types.WHOLE

    def parse(self, raw: Any, reading: Reading) -> int:
        if isinstance(raw, str) and len(raw) < _SURE and raw.isascii() and raw.isdigit():
            plain = int(raw)
            if self.min <= plain <= self.max:
                return plain
        number = read_decimal(raw, reading.number_locale)
        least, most = decimal.Decimal(self.min), decimal.Decimal(self.max)
        return int(fit(number, scale=0, digits=19, least=least, most=most))

    def compute(self, value: Any) -> int:
        return int(rounded(value, scale=0))

    def format(self, value: int, showing: Showing) -> str:
        return show_decimal(value, showing.locale, 0) if self.grouped else str(value)

    def entry(self, value: int, showing: Showing) -> str:
        return self.format(value, showing)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.min, "maximum": self.max}

    def problems(self) -> Sequence[str]:
        return (f"no number is between min {self.min} and max {self.max}",) if self.min > self.max else ()


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [Integer]
