import datetime as dt

import pytest

from dougong.builtin.field_types.auto_number import AutoNumber
from dougong.sdk import period, render
from dougong.testing.contracts import FieldTypeContract

DAY = dt.date(2026, 3, 7)


class TestAutoNumber(FieldTypeContract):
    field_type = AutoNumber(pattern="C-{year}-{sequence:4}")
    accepts = {"C-2026-0001": "C-2026-0001"}
    refuses = {"x" * 101: "text_too_long"}
    shows = {"C-2026-0001": "C-2026-0001"}
    cells = {"C-2026-0001": "C-2026-0001"}
    dumps = {"C-2026-0001": "C-2026-0001"}
    ascending = ("C-2025-9999", "C-2025-10000", "C-2026-0009", "C-2026-0010")


class TestAutoNumberWithoutWidth(FieldTypeContract):
    field_type = AutoNumber(pattern="T{sequence}")
    dumps = {"T9": "T9"}
    ascending = ("T9", "T10", "T100")


@pytest.mark.parametrize(
    ("pattern", "number", "written", "counted"),
    [
        ("C-{year}-{sequence:4}", 7, "C-2026-0007", "C-2026-{sequence:4}"),
        ("{year}{month}{day}{sequence:3}", 12345, "2026030712345", "20260307{sequence:3}"),
        ("T{sequence}", 10, "T10", "T{sequence}"),
        ("{sequence:2}/{month}", 1, "01/03", "{sequence:2}/03"),
    ],
)
def test_numbers_count_within_their_dates(pattern: str, number: int, written: str, counted: str) -> None:
    assert render(pattern, DAY, number) == written
    assert period(pattern, DAY) == counted
    assert render(pattern, dt.datetime(2026, 3, 7, 23, tzinfo=dt.UTC), number) == written


def test_gate_is_told_the_pattern() -> None:
    assert AutoNumber(pattern="T{sequence}").numbering() == "T{sequence}"
    assert AutoNumber.is_computed


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("C-{year}", "the pattern 'C-{year}' needs {sequence} once, and has it 0 times"),
        ("{sequence}{sequence}", "needs {sequence} once, and has it 2 times"),
        ("{sequence}{week}", "unknown '{week}' in the pattern"),
        ("{sequence:0}", "the width of '{sequence:0}' is not between 1 and 12"),
        ("{sequence}{year:2}", "only sequence takes a width, not '{year:2}'"),
        ("{sequence}{", "a brace in the pattern"),
    ],
)
def test_pattern_that_cannot_number_is_a_problem(pattern: str, problem: str) -> None:
    assert any(problem in said for said in AutoNumber(pattern=pattern).problems())
