"""amounts on charts: which numbers are money, and with which sign they are drawn"""

from __future__ import annotations

import pytest

from dougong.base.text import Text
from dougong.builtin.field_types.decimal import DecimalNumber
from dougong.builtin.field_types.formula import Formula
from dougong.builtin.field_types.money import Amount
from dougong.definitions.kinds.object import Field
from dougong.features.reports.columns import Told
from dougong.features.reports.dataset import Column, Dataset
from dougong.sdk.field_type import Showing
from dougong.sdk.numbers import currency_sign
from dougong.web.present import chart
from dougong.web.present.value import Look

COLUMN = Column("amount", Text({"en": "Amount"}), "number", "measure", scale=2)


@pytest.mark.parametrize(
    ("kind", "function", "expected"),
    [
        (Amount(), "sum", True),
        (Amount(), "count_distinct", False),
        (Formula(expr="amount", returns="money"), "avg", True),
        (Formula(expr="1", returns="decimal"), "sum", False),
        (DecimalNumber(), "sum", False),
    ],
)
def test_measures_of_money_are_amounts(kind, function, expected):
    field = Field.model_construct(name="amount", type=kind)
    assert Told(COLUMN, field, function=function).is_amount() is expected


def test_chart_of_amounts_carries_the_sign_of_its_currency():
    drawn = {"type": "bar", "categories": ["A"], "series": [{"name": "Amount", "data": [1]}]}

    def unit(**more):
        dataset = Dataset("r", Text({"en": "R"}), "en", (COLUMN,), (), (), chart={**drawn, **more})
        return chart.drawn(Look(catalog=None, showing=Showing(locale="en")), dataset)["unit"]

    assert unit(currency="CNY") == "¥"
    assert unit() == ""


@pytest.mark.parametrize(("code", "sign"), [("CNY", "¥"), ("USD", "$"), ("HKD", "$"), ("EUR", "€"), ("CHF", "CHF")])
def test_sign_of_a_currency_has_no_letters_where_it_has_a_sign(code, sign):
    assert currency_sign(code, "en") == currency_sign(code, "zh-CN") == sign
