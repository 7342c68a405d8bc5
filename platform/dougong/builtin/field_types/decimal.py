"""exact numbers with decimal places"""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from dougong.sdk import (
    MOST_DIGITS,
    Column,
    ExactDecimal,
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


class DecimalNumber(FieldType[decimal.Decimal]):
    """An exact number with a fixed number of decimal places. More of them are an error, never rounded."""

    name = "decimal"
    label = Text({"en": "Decimal number", "zh-CN": "小数"})
    widget = "number"
    comparisons = ("is", "is_not", "at_least", "at_most", "any_of", "is_blank", "is_not_blank")
    align = "end"

    digits: int = Field(default=MOST_DIGITS, ge=1, le=MOST_DIGITS, description="How many digits it may have in all.")
    scale: int = Field(default=2, ge=0, le=MOST_DIGITS, description="How many of them stand behind the point.")
    min: decimal.Decimal | None = Field(default=None, description="The smallest number allowed.")
    max: decimal.Decimal | None = Field(default=None, description="The largest number allowed.")

    def columns(self) -> tuple[Column, ...]:
        # Always of 18 digits, so that a change of `digits` changes no table.
        return (Column("", ExactDecimal(self.scale)),)

    def expression_type(self) -> types.Type:
        return types.number(self.scale)

    def parse(self, raw: Any, reading: Reading) -> decimal.Decimal:
        number = read_decimal(raw, reading.number_locale)
        return fit(number, scale=self.scale, digits=self.digits, least=self.min, most=self.max)

    def compute(self, value: Any) -> decimal.Decimal:
        return rounded(value, scale=self.scale)

    def format(self, value: decimal.Decimal, showing: Showing) -> str:
        return show_decimal(value, showing.locale, self.scale)

    def entry(self, value: decimal.Decimal, showing: Showing) -> str:
        return show_decimal(value, showing.locale, self.scale)

    def dump(self, value: decimal.Decimal) -> str:
        return f"{value:.{self.scale}f}"

    def write_cell(self, value: decimal.Decimal) -> Any:
        # As a number, unless it would be written with an exponent, which no cell is read from.
        return f"{value:f}" if "E" in str(value) else value

    def json_schema(self) -> dict[str, Any]:
        places = f"\\.[0-9]{{{self.scale}}}" if self.scale else ""
        return {"type": "string", "format": "decimal", "pattern": f"^-?[0-9]+{places}$"}

    def problems(self) -> Sequence[str]:
        found = []
        if self.scale > self.digits:
            found.append(f"scale {self.scale} is more than the {self.digits} digits there are")
        if self.min is not None and self.max is not None and self.min > self.max:
            found.append(f"no number is between min {self.min} and max {self.max}")
        return found


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [DecimalNumber]
