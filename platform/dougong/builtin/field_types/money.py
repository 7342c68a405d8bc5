"""amounts of money"""

from __future__ import annotations

import datetime as dt
import decimal
import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from babel.numbers import is_currency
from pydantic import Field

from dougong.sdk import (
    EXACT,
    Column,
    ExactDecimal,
    FieldType,
    InvalidValue,
    Message,
    Money,
    Reading,
    Showing,
    Text,
    fit,
    hookimpl,
    narrow,
    read_decimal,
    rounded,
    show_decimal,
    show_money,
    types,
)

_LONGEST = 80
_WITH_CODE = re.compile(r"(?:(?P<before>[A-Za-z]{3})\s*)?(?P<amount>[^A-Za-z]+?)(?:\s*(?P<after>[A-Za-z]{3}))?")
_NO_CURRENCIES = {"XXX", "XTS"}


class Amount(FieldType[Money]):
    """An amount in a currency, with what it was worth in base currency on the day it was entered.

    Expressions, filters, sorting and sums use the amount in base currency.
    """

    name = "money"
    label = Text({"en": "Money", "zh-CN": "金额"})
    widget = "money"
    comparisons = ("is", "is_not", "at_least", "at_most", "is_blank", "is_not_blank")
    align = "end"

    scale: int = Field(default=2, ge=0, le=6, description="Decimal places of amounts; 4 for unit prices, say.")

    def columns(self) -> tuple[Column, ...]:
        return (
            Column("", ExactDecimal(self.scale)),
            Column("_currency", sa.String(3)),
            Column("_base", ExactDecimal(self.scale)),
            Column("_rate_date", sa.Date()),
        )

    def expression_type(self) -> types.Type:
        return types.number(self.scale)

    def is_blank(self, raw: Any) -> bool:
        # A form always brings a currency.
        return super().is_blank(raw.get("amount") if isinstance(raw, Mapping) else raw)

    def parse(self, raw: Any, reading: Reading) -> Money:
        said, code = _parts(raw)
        amount = fit(read_decimal(said, reading.number_locale), scale=self.scale)
        currency = reading.base_currency if code is None else _currency(code)
        return Money(amount, currency, self._base(amount, currency, reading), reading.today)

    def _base(self, amount: decimal.Decimal, currency: str, reading: Reading) -> decimal.Decimal:
        if currency == reading.base_currency:
            return amount
        rate = reading.rate(currency, reading.today)
        if rate is None:
            raise InvalidValue(
                Message(
                    "There is no exchange rate from {currency} to {base} for {day}. Have one entered first.",
                    code="money_no_rate",
                    currency=currency,
                    base=reading.base_currency,
                    day=reading.today.isoformat(),
                )
            )
        return rounded(EXACT.multiply(amount, rate), scale=self.scale)

    def format(self, value: Money, showing: Showing) -> str:
        return show_money(value.amount, value.currency, showing.locale, self.scale, base=showing.base_currency)

    def is_money(self) -> bool:
        return True

    def entry(self, value: Money, showing: Showing) -> dict[str, str]:
        return {"amount": show_decimal(value.amount, showing.locale, self.scale), "currency": value.currency}

    def dump(self, value: Money) -> dict[str, str]:
        return {"amount": f"{value.amount:.{self.scale}f}", "currency": value.currency}

    def store(self, value: Money) -> tuple[Any, ...]:
        return (value.amount, value.currency, value.base, value.rate_date)

    def restore(self, stored: Sequence[Any]) -> Money:
        amount: decimal.Decimal = stored[0]
        currency: str = stored[1]
        base: decimal.Decimal = stored[2]
        rate_date: dt.date = stored[3]
        return Money(amount, currency, base, rate_date)

    def number(self, value: Money) -> decimal.Decimal:
        return value.base

    def write_cell(self, value: Money) -> str:
        return f"{value.amount:.{self.scale}f} {value.currency}"

    def value_column(self) -> str:
        return "_base"

    def sort_column(self) -> str:
        return "_base"

    def json_schema(self) -> dict[str, Any]:
        places = f"\\.[0-9]{{{self.scale}}}" if self.scale else ""
        return {
            "type": "object",
            "properties": {
                "amount": {"type": "string", "format": "decimal", "pattern": f"^-?[0-9]+{places}$"},
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            },
            "required": ["amount", "currency"],
            "additionalProperties": False,
        }


def _parts(raw: Any) -> tuple[Any, Any]:
    """Split `{"amount": …, "currency": …}`, `1280.50 USD` or a plain amount; no currency is None."""
    if isinstance(raw, Mapping):
        if "amount" not in raw or not raw.keys() <= {"amount", "currency"}:
            raise InvalidValue(Message("Enter an amount and a currency.", code="money_parts"))
        return raw["amount"], raw.get("currency") or None
    if isinstance(raw, str) and len(raw) <= _LONGEST:
        found = _WITH_CODE.fullmatch(narrow(raw).strip())
        if found and not (found["before"] and found["after"]):
            return found["amount"], found["before"] or found["after"]
    return raw, None


def _currency(code: Any) -> str:
    known = code.strip().upper() if isinstance(code, str) and len(code) <= _LONGEST else ""
    if not is_currency(known) or known in _NO_CURRENCIES:
        raise InvalidValue(Message("Enter a currency by its three letters, such as CNY.", code="money_currency"))
    return known


@hookimpl
def field_types() -> list[type[FieldType[Any]]]:
    return [Amount]
