"""percentages"""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from dougong.sdk import (
    EXACT,
    MOST_DIGITS,
    Column,
    ExactDecimal,
    FieldType,
    Reading,
    Showing,
    Text,
    fit,
    hookimpl,
    narrow,
    read_decimal,
    rounded,
    show_percent,
    types,
)

_LONGEST = 60


def _read_limit(said: Any) -> Any:
    if isinstance(said, decimal.Decimal):
        return said
    if isinstance(said, str) and said.strip().endswith("%"):
        return EXACT.scaleb(decimal.Decimal(said.strip().removesuffix("%").strip()), -2)
    raise ValueError("write a percentage with its sign, such as 100%")


def _trimmed(value: decimal.Decimal) -> str:
    return f"{value.normalize(EXACT):f}"


def _write_limit(fraction: decimal.Decimal) -> str:
    return _trimmed(EXACT.scaleb(fraction, 2)) + "%"


Limit = Annotated[
    decimal.Decimal,
    BeforeValidator(_read_limit),
    PlainSerializer(_write_limit, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^-?[0-9]+([.][0-9]+)?%$"}),
]


class Percent(FieldType[decimal.Decimal]):
    """A percentage. 12.5% is kept as the fraction 0.125, so that `amount * discount` is what it says.

    People see and enter 12.5%; JSON has `"0.125"`.
    """

    name = "percent"
    label = Text({"en": "Percentage", "zh-CN": "百分比"})
    widget = "percent"
    comparisons = ("is", "is_not", "at_least", "at_most", "is_blank", "is_not_blank")
    align = "end"

    scale: int = Field(default=2, ge=0, le=MOST_DIGITS - 2, description="Decimal places of the percentage people see.")
    min: Limit | None = Field(default=None, description="The smallest percentage allowed, with its sign: `0%`.")
    max: Limit | None = Field(default=None, description="The largest percentage allowed, with its sign: `100%`.")

    def columns(self) -> tuple[Column, ...]:
        return (Column("", ExactDecimal(self.scale + 2)),)

    def expression_type(self) -> types.Type:
        return types.number(self.scale + 2)

    def parse(self, raw: Any, reading: Reading) -> decimal.Decimal:
        text = narrow(raw).strip() if isinstance(raw, str) and len(raw) <= _LONGEST else raw
        signed = isinstance(text, str) and text.endswith("%")
        number = read_decimal(text.removesuffix("%") if signed else text, reading.number_locale)
        percents = number if signed or (reading.by_hand and isinstance(raw, str)) else EXACT.scaleb(number, 2)
        fitting = fit(percents, scale=self.scale, least=_percents(self.min), most=_percents(self.max), sign="%")
        return EXACT.scaleb(fitting, -2)

    def compute(self, value: Any) -> decimal.Decimal:
        return rounded(value, scale=self.scale + 2)

    def format(self, value: decimal.Decimal, showing: Showing) -> str:
        return show_percent(value, showing.locale, self.scale)

    def entry(self, value: decimal.Decimal, showing: Showing) -> str:
        return show_percent(value, showing.locale, self.scale)

    def dump(self, value: decimal.Decimal) -> str:
        return _trimmed(value)

    def write_cell(self, value: decimal.Decimal) -> str:
        return _write_limit(value)

    def json_schema(self) -> dict[str, Any]:
        return {
            "type": "string",
            "format": "decimal",
            "pattern": "^-?[0-9]+([.][0-9]+)?$",
            "description": "a fraction: 0.125 is 12.5 %",
        }

    def problems(self) -> Sequence[str]:
        if self.min is not None and self.max is not None and self.min > self.max:
            return (f"no percentage is between min {_write_limit(self.min)} and max {_write_limit(self.max)}",)
        return ()


def _percents(fraction: decimal.Decimal | None) -> decimal.Decimal | None:
    return None if fraction is None else EXACT.scaleb(fraction, 2).normalize(EXACT)


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [Percent]
