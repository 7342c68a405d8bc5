from decimal import Decimal

import pytest
from pydantic import ValidationError

from dougong.builtin.field_types.percent import Percent
from dougong.sdk import Reading
from dougong.testing.contracts import FieldTypeContract


class TestPercent(FieldTypeContract):
    field_type = Percent()
    accepts = {
        "12.5%": Decimal("0.1250"),
        "12.5 ％": Decimal("0.1250"),
        "0.125": Decimal("0.1250"),
        0.125: Decimal("0.1250"),
        1: Decimal("1.0000"),
        "-3%": Decimal("-0.0300"),
        "1,200%": Decimal("12.0000"),
    }
    refuses = {
        "12.505%": "Enter at most 2 decimal places.",
        "0.12345": "Enter at most 2 decimal places.",
        "%": "number_unclear",
        "a%": "number_unclear",
        "12%%": "number_unclear",
    }
    shows = {Decimal("0.1250"): "12.5%", Decimal("1.0000"): "100%", Decimal("0.0001"): "0.01%"}
    shows_in_chinese = {Decimal("0.1250"): "12.5%"}
    cells = {"12.5%": Decimal("0.125"), "0.125": Decimal("0.125")}
    dumps = {Decimal("0.1250"): "0.125", Decimal("1.0000"): "1", Decimal("10.0000"): "10", Decimal("0.0000"): "0"}
    ascending = (Decimal("-0.0100"), Decimal("0.0900"), Decimal("0.1000"), Decimal("1.0000"))


class TestPercentWithLimits(FieldTypeContract):
    field_type = Percent.model_validate({"min": "0%", "max": "100%", "scale": 0})
    accepts = {"0%": Decimal("0.00"), "100%": Decimal("1.00")}
    refuses = {"101%": "Enter at most 100%.", "-1%": "Enter at least 0%.", "0.5%": "Enter a whole number."}


def test_number_that_a_person_types_needs_no_sign() -> None:
    by_hand = Reading(locale="zh-CN", by_hand=True)
    assert Percent().parse("12.5", by_hand) == Decimal("0.125")
    assert Percent().parse(0.125, by_hand) == Decimal("0.125")


def test_german_percentage_is_read_in_german() -> None:
    assert Percent().parse("12,5 %", Reading(locale="de", by_hand=True)) == Decimal("0.125")


def test_limit_without_its_sign_is_refused() -> None:
    with pytest.raises(ValidationError, match="write a percentage with its sign, such as 100%"):
        Percent.model_validate({"max": 100})


def test_limits_that_leave_nothing_are_a_problem() -> None:
    field = Percent.model_validate({"min": "20%", "max": "10.5%"})
    assert field.problems() == ("no percentage is between min 20% and max 10.5%",)


def test_computed_fraction_is_rounded() -> None:
    assert Percent(scale=1).compute(Decimal("0.333333")) == Decimal("0.333")
