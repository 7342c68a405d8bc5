import dataclasses
from decimal import Decimal

import pytest

from dougong.builtin.field_types.decimal import DecimalNumber
from dougong.sdk import InvalidValue, Reading, Showing
from dougong.testing.contracts import FieldTypeContract


class TestDecimalNumber(FieldTypeContract):
    field_type = DecimalNumber()
    accepts = {
        "1,280.50": Decimal("1280.50"),
        "1280.5": Decimal("1280.50"),
        "１，２８０．５": Decimal("1280.50"),
        1280.5: Decimal("1280.50"),
        0.1: Decimal("0.10"),
        7: Decimal("7.00"),
        "-0": Decimal("0.00"),
        "9999999999999999.99": Decimal("9999999999999999.99"),
        Decimal("1.230"): Decimal("1.23"),
    }
    refuses = {
        "1.005": "Enter at most 2 decimal places.",
        0.1 + 0.2: "number_too_fine",
        "1.280,50": "Enter a number, such as 1280.50.",
        "12,80.5": "number_unclear",
        "1.2.3": "number_unclear",
        "": "number_unclear",
        "-": "number_unclear",
        "--1": "number_unclear",
        "1e-7": "number_unclear",
        "NaN": "number_unclear",
        "0x10": "number_unclear",
        "10000000000000000.00": "Enter a number of at most 16 digits before the point.",
        "0." + "0" * 50 + "1": "number_too_fine",
    }
    shows = {Decimal("1280.50"): "1,280.50", Decimal("-0.05"): "-0.05"}
    shows_in_chinese = {Decimal("1234567.80"): "1,234,567.80"}
    cells = {"1280.50": Decimal("1280.50")}
    dumps = {Decimal("1280.50"): "1280.50", Decimal("0.00"): "0.00"}
    ascending = (Decimal("-10.00"), Decimal("-9.99"), Decimal("0.00"), Decimal("9.99"), Decimal("10.00"))


class TestSmallestDecimal(FieldTypeContract):
    field_type = DecimalNumber(digits=18, scale=18, min=Decimal("-0.5"), max=Decimal("0.5"))
    accepts = {"0.000000000000000001": Decimal("1e-18"), "0": Decimal(0).quantize(Decimal("1e-18"))}
    refuses = {"0.6": "Enter at most 0.5.", "-0.6": "Enter at least -0.5.", "1": "number_too_long"}


class TestDecimalOfFewDigits(FieldTypeContract):
    field_type = DecimalNumber(digits=4, scale=1)
    accepts = {"999.9": Decimal("999.9")}
    refuses = {"1000": "Enter a number of at most 3 digits before the point."}


@pytest.mark.parametrize(
    ("locale", "text", "expected"),
    [
        ("de", "1.280,50", "1280.50"),
        ("de", "1.280", "1280.00"),
        ("fr", "1 280,5", "1280.50"),
        ("fr", "1\u202f280,5", "1280.50"),
        ("fr", "1280.5", "1280.50"),
        ("de-CH", "1'280.5", "1280.50"),
        ("de-CH", "1’280.5", "1280.50"),
        ("hi", "12,34,567.80", "1234567.80"),
        ("zh-CN", "1,280.50", "1280.50"),
        ("xx-nowhere", "1,280.50", "1280.50"),
    ],
)
def test_number_is_read_as_written_in_its_country(locale: str, text: str, expected: str) -> None:
    by_hand = Reading(locale=locale, by_hand=True)
    assert DecimalNumber().parse(text, by_hand) == Decimal(expected)


def test_point_that_could_be_a_group_is_unclear() -> None:
    with pytest.raises(InvalidValue, match=r"Enter a number, such as 1280,50\."):
        DecimalNumber().parse("12.5", Reading(locale="de", by_hand=True))


def test_machine_text_is_read_as_english_whoever_sends_it() -> None:
    reading = Reading(locale="de")
    assert DecimalNumber(scale=3).parse("1.280", reading) == Decimal("1.280")


def test_entry_is_written_as_its_reader_writes() -> None:
    showing = dataclasses.replace(Showing(), locale="de")
    assert DecimalNumber().entry(Decimal("1280.50"), showing) == "1.280,50"


def test_computed_number_is_rounded_half_away_from_zero() -> None:
    field = DecimalNumber()
    assert field.compute(Decimal("2.675")) == Decimal("2.68")
    assert field.compute(Decimal("-2.675")) == Decimal("-2.68")
    with pytest.raises(InvalidValue):
        field.compute(Decimal("1e17"))


def test_options_that_contradict_are_problems() -> None:
    assert DecimalNumber(digits=2, scale=3).problems() == ["scale 3 is more than the 2 digits there are"]
    assert DecimalNumber(min=Decimal(2), max=Decimal(1)).problems() == ["no number is between min 2 and max 1"]


def test_digits_change_no_column() -> None:
    assert DecimalNumber(digits=5).columns()[0].type.digits == 18  # type: ignore[attr-defined]
