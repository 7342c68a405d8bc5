import dataclasses
import datetime as dt
from decimal import Decimal

import pytest

from dougong.builtin.field_types.money import Amount
from dougong.sdk import InvalidValue, Money, Reading, Showing
from dougong.testing.contracts import FieldTypeContract

TODAY = dt.date(2026, 11, 22)
RATES = {"USD": Decimal("7.1005"), "JPY": Decimal("0.046"), "KWD": Decimal("23.1")}


def money(amount: str, currency: str = "CNY", base: str | None = None) -> Money:
    return Money(Decimal(amount), currency, Decimal(base or amount), TODAY)


class TestAmount(FieldTypeContract):
    field_type = Amount()
    reading = Reading(today=TODAY, rate=lambda currency, day: RATES.get(currency))
    accepts = [
        ("1280.50", money("1280.50")),
        (1280.5, money("1280.50")),
        (-3, money("-3.00")),
        ("1280.50 USD", money("1280.50", "USD", "9092.19")),
        ("usd 1,280.50", money("1280.50", "USD", "9092.19")),
        ("１２８０．５０ＵＳＤ", money("1280.50", "USD", "9092.19")),
        ({"amount": "1280.50", "currency": "USD"}, money("1280.50", "USD", "9092.19")),
        ({"amount": 5, "currency": "cny"}, money("5.00")),
        ({"amount": "1,280.50"}, money("1280.50")),
        ({"amount": "5", "currency": ""}, money("5.00")),
    ]
    refuses = [
        ("12.345", "Enter at most 2 decimal places."),
        ("much", "Enter a number, such as 1280.50."),
        ("USD 5 EUR", "number_unclear"),
        ("5 XYZ", "Enter a currency by its three letters, such as CNY."),
        ("5 XXX", "money_currency"),
        ({"amount": "5", "currency": 7}, "money_currency"),
        ({"amount": "5", "currency": "人民币"}, "money_currency"),
        ({"amount": "5", "currency": "C" * 100_000}, "money_currency"),
        ({"amount": None, "currency": "CNY"}, "number_unclear"),
        ({"amount": {"amount": 1}, "currency": "CNY"}, "number_unclear"),
        ({"amount": "5", "currency": "CNY", "rate": "7"}, "Enter an amount and a currency."),
        ({"currency": "CNY"}, "money_parts"),
        ("10000000000000000", "number_too_long"),
        ("1000000000000000 KWD", "number_too_long"),
        (
            "5 EUR",
            "There is no exchange rate from EUR to CNY for 2026-11-22. Have one entered first.",
        ),
    ]
    shows = [
        (money("1280.50"), "¥1,280.50"),
        (money("1280.50", "USD"), "USD\u00a01,280.50"),
        (money("1280.00", "JPY"), "JPY\u00a01,280"),
        (money("1280.50", "JPY"), "JPY\u00a01,280.5"),
    ]
    shows_in_chinese = [(money("1280.50"), "¥1,280.50"), (money("-1280.50", "USD"), "-USD\u00a01,280.50")]
    cells = [("1280.50 USD", money("1280.50", "USD")), ("1280.50", money("1280.50"))]
    dumps = [(money("1280.50"), {"amount": "1280.50", "currency": "CNY"})]
    ascending = (money("100.00", "JPY", "4.60"), money("5.00"), money("1.00", "USD", "7.10"))


class TestUnitPrice(FieldTypeContract):
    field_type = Amount(scale=4)
    reading = TestAmount.reading
    accepts = [("0.0035", money("0.0035")), ("0.0035 USD", money("0.0035", "USD", "0.0249"))]
    shows_in_chinese = [(money("0.0035"), "¥0.0035"), (money("12.0000"), "¥12.00")]


def test_base_amount_is_the_rate_of_the_day_rounded_half_away_from_zero() -> None:
    value = Amount().parse("0.05 USD", TestAmount.reading)
    assert (value.base, value.rate_date) == (Decimal("0.36"), TODAY)
    assert Amount().parse("-0.05 USD", TestAmount.reading).base == Decimal("-0.36")
    assert Amount().number(value) == Decimal("0.36")


def test_same_amount_on_another_day_is_no_change() -> None:
    later = dataclasses.replace(TestAmount.reading, today=dt.date(2027, 1, 1), rate=lambda currency, day: Decimal(8))
    assert Amount().parse("5 USD", later) == Amount().parse("5 USD", TestAmount.reading)


def test_plain_amount_is_in_base_currency() -> None:
    assert Amount().parse("5", Reading(base_currency="EUR")).currency == "EUR"


def test_form_with_a_currency_alone_is_blank() -> None:
    assert Amount().is_blank({"amount": " ", "currency": "CNY"})
    assert Amount().is_blank("")
    assert not Amount().is_blank({"amount": "0", "currency": "CNY"})


def test_form_begins_with_amount_and_currency_apart() -> None:
    entry = Amount().entry(money("1280.50", "USD"), Showing(locale="de"))
    assert entry == {"amount": "1.280,50", "currency": "USD"}


def test_rate_is_asked_for_once_and_only_for_other_currencies() -> None:
    asked: list[str] = []

    def rate(currency: str, day: dt.date) -> Decimal | None:
        asked.append(currency)
        return None

    Amount().parse("5", Reading(rate=rate))
    with pytest.raises(InvalidValue):
        Amount().parse("5 USD", Reading(rate=rate))
    assert asked == ["USD"]
