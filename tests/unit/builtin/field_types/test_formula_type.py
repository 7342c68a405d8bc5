import datetime as dt
from decimal import Decimal

import pytest

from dougong.builtin.field_types.formula import Formula
from dougong.sdk import Showing, types
from dougong.testing.contracts import FieldTypeContract


class TestStoredFormula(FieldTypeContract):
    field_type = Formula(expr="amount * quantity", returns="decimal", stored=True)
    accepts = {"1280.50": Decimal("1280.50")}
    refuses = {"much": "number_unclear"}
    shows = {Decimal("1280.50"): "1,280.50"}
    shows_in_chinese = {Decimal("1280.50"): "1,280.50"}
    dumps = {Decimal("1280.50"): "1280.50"}
    ascending = (Decimal("-1.00"), Decimal("9.00"), Decimal("10.00"))


class TestVirtualMoneyFormula(FieldTypeContract):
    field_type = Formula(expr="sum(lines.total)", returns="money")
    showing = Showing(base_currency="EUR")
    accepts = {"1280.50": Decimal("1280.50")}
    shows = {Decimal("1280.50"): "€1,280.50"}
    dumps = {Decimal("1280.50"): "1280.50"}


class TestPercentFormula(FieldTypeContract):
    field_type = Formula(expr="won / total", returns="percent", scale=1, stored=True)
    accepts = {"0.125": Decimal("0.125")}
    shows = {Decimal("0.125"): "12.5%"}
    dumps = {Decimal("0.125"): "0.125"}


class TestTextFormula(FieldTypeContract):
    field_type = Formula(expr="first + last", returns="text", stored=True)
    accepts = {"Ada": "Ada"}


class TestBooleanFormula(FieldTypeContract):
    field_type = Formula(expr="close_date < today()", returns="boolean")
    accepts = [(True, True)]
    tolerates = frozenset({"true", "false"})


class TestDateFormula(FieldTypeContract):
    field_type = Formula(expr="start + days(30)", returns="date", stored=True)
    accepts = {"2026-11-22": dt.date(2026, 11, 22)}


class TestMomentFormula(FieldTypeContract):
    field_type = Formula(expr="created_at", returns="datetime", stored=True)
    accepts = {"2026-11-22T00:00:00Z": dt.datetime(2026, 11, 22, tzinfo=dt.UTC)}


class TestWholeFormula(FieldTypeContract):
    field_type = Formula(expr="count(lines)", returns="integer", stored=True)
    accepts = {3: 3}


def test_virtual_formula_has_no_columns_and_sorts_by_its_expression() -> None:
    field = Formula(expr="a", returns="decimal")
    assert (field.columns(), field.sort_column(), field.store(Decimal(1))) == ((), "", ())
    assert Formula(expr="a", returns="text").sort_column() is None
    assert field.computed_by() == "a"
    assert field.is_computed
    assert field.blank() is None


@pytest.mark.parametrize(
    ("returns", "type_", "align"),
    [
        ("text", types.TEXT, "start"),
        ("integer", types.WHOLE, "end"),
        ("decimal", types.number(3), "end"),
        ("percent", types.number(5), "end"),
        ("money", types.number(3), "end"),
        ("boolean", types.BOOLEAN, "center"),
        ("date", types.DATE, "start"),
        ("datetime", types.MOMENT, "start"),
    ],
)
def test_formula_is_what_it_returns(returns: str, type_: types.Type, align: str) -> None:
    field = Formula.model_validate({"expr": "a", "returns": returns, "scale": 3})
    assert field.expression_type() == type_
    assert field.align == align
    assert "is_blank" in field.comparisons


def test_what_was_computed_is_rounded_to_its_places() -> None:
    field = Formula(expr="a / b", returns="decimal", scale=2)
    assert field.restore((Decimal("2.675000"),)) == Decimal("2.68")
    assert field.compute(Decimal("-2.675")) == Decimal("-2.68")
    assert Formula(expr="a", returns="integer").compute(Decimal("2.5")) == 3
    assert Formula(expr="a", returns="boolean").restore((1,)) is True


def test_money_is_dumped_with_base_currency_where_it_is_known() -> None:
    kind = Formula(expr="a", returns="money").in_base_currency("EUR")
    assert kind.dump(Decimal("2.5")) == {"amount": "2.50", "currency": "EUR"}
    assert kind.write_cell(Decimal("2.5")) == "2.50 EUR"
    assert kind.json_schema()["properties"].keys() == {"amount", "currency"}
    whole = Formula(expr="a", returns="integer")
    assert whole.in_base_currency("EUR") is whole
