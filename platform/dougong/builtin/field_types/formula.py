"""values that an expression computes"""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from dougong.builtin.field_types.boolean import Boolean
from dougong.builtin.field_types.date import Date
from dougong.builtin.field_types.datetime import DateTime
from dougong.builtin.field_types.decimal import DecimalNumber
from dougong.builtin.field_types.integer import Integer
from dougong.builtin.field_types.long_text import LongText
from dougong.builtin.field_types.money import Amount
from dougong.builtin.field_types.percent import Percent
from dougong.sdk import (
    MOST_DIGITS,
    Column,
    Comparison,
    FieldType,
    Reading,
    Showing,
    Text,
    hookimpl,
    show_money,
    types,
)

Returns = Literal["text", "integer", "decimal", "percent", "money", "boolean", "date", "datetime"]


class BaseAmount(DecimalNumber):
    """An amount in base currency, as expressions compute with money."""

    currency: str = Field(default="", description="Base currency, where it is known.")

    def format(self, value: decimal.Decimal, showing: Showing) -> str:
        base = showing.base_currency
        return show_money(value, base, showing.locale, self.scale, base=base)

    def is_money(self) -> bool:
        return True

    def dump(self, value: decimal.Decimal) -> Any:
        amount = super().dump(value)
        return {"amount": amount, "currency": self.currency} if self.currency else amount

    def write_cell(self, value: decimal.Decimal) -> Any:
        return f"{super().dump(value)} {self.currency}" if self.currency else super().write_cell(value)

    def json_schema(self) -> dict[str, Any]:
        shape = Amount(scale=self.scale).json_schema() if self.currency else super().json_schema()
        return {**shape, "readOnly": True}


class Formula(FieldType[Any]):
    """A value that an expression computes from other fields, each time it is read, or once if it is stored.

    It is shown, sorted and filtered like the sort of value it returns. Money is an amount in base currency.
    """

    name = "formula"
    label = Text({"en": "Formula", "zh-CN": "公式"})
    widget = "none"
    is_computed = True

    expr: Annotated[str, StringConstraints(min_length=1, max_length=2000)] = Field(
        description="The expression, such as `amount * quantity`.", json_schema_extra={"x-expression": True}
    )
    returns: Returns = Field(description="What sort of value it gives.")
    scale: int = Field(
        default=2, ge=0, le=MOST_DIGITS - 2, description="Decimal places of a decimal, a percentage or money."
    )
    stored: bool = Field(default=False, description="Whether it is kept in a column, so that filters are fast.")

    @cached_property
    def _inner(self) -> FieldType[Any]:
        by_name: dict[Returns, FieldType[Any]] = {
            "text": LongText(),
            "integer": Integer(),
            "decimal": DecimalNumber(scale=self.scale),
            "percent": Percent(scale=self.scale),
            "money": BaseAmount(scale=self.scale),
            "boolean": Boolean(may_be_blank=True),
            "date": Date(),
            "datetime": DateTime(),
        }
        return by_name[self.returns]

    @property
    def align(self) -> Literal["start", "end", "center"]:  # type: ignore[override] # known once it is made
        return self._inner.align

    @property
    def comparisons(self) -> tuple[Comparison, ...]:  # type: ignore[override] # known once it is made
        return self._inner.comparisons

    def columns(self) -> tuple[Column, ...]:
        return (Column("", self._inner.columns()[0].type),) if self.stored else ()

    def expression_type(self) -> types.Type | None:
        return self._inner.expression_type()

    def parse(self, raw: Any, reading: Reading) -> Any:
        return self._inner.parse(raw, reading)

    def format(self, value: Any, showing: Showing) -> str:
        return self._inner.format(value, showing)

    def brief(self, value: Any, showing: Showing) -> str:
        return self._inner.brief(value, showing)

    def is_money(self) -> bool:
        return self._inner.is_money()

    def entry(self, value: Any, showing: Showing) -> Any:
        return self._inner.entry(value, showing)

    def dump(self, value: Any) -> Any:
        return self._inner.dump(value)

    def in_base_currency(self, code: str) -> FieldType[Any]:
        return BaseAmount(scale=self.scale, currency=code) if self.returns == "money" else self

    def store(self, value: Any) -> tuple[Any, ...]:
        return self._inner.store(value)[:1] if self.stored else ()

    def restore(self, stored: Sequence[Any]) -> Any:
        # What is computed in SQL may have more decimal places than are wanted.
        return self._inner.compute(stored[0])

    def compute(self, value: Any) -> Any:
        return self._inner.compute(value)

    def number(self, value: Any) -> Any:
        return self._inner.number(value)

    def write_cell(self, value: Any) -> Any:
        return self._inner.write_cell(value)

    def sort_column(self) -> str | None:
        # Texts have no key here to sort by; what is not stored is sorted by its expression.
        return "" if self.returns != "text" else None

    def json_schema(self) -> dict[str, Any]:
        return {**self._inner.json_schema(), "readOnly": True}

    def computed_by(self) -> str | None:
        return self.expr


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [Formula]
