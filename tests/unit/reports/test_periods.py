from __future__ import annotations

import datetime as dt

import pytest

from dougong.features.reports import drill
from dougong.features.reports.columns import period, period_code

DAY = dt.date(2026, 10, 1)


@pytest.mark.parametrize(
    ("grain", "english", "chinese", "code"),
    [
        ("day", "Oct 1, 2026", "2026年10月1日", "2026-10-01"),
        ("week", "2026-W40", "2026-W40", "2026-W40"),
        ("month", "Oct 2026", "2026年10月", "2026-10"),
        ("quarter", "Q4 2026", "2026年第4季度", "2026-Q4"),
        ("year", "2026", "2026", "2026"),
    ],
)
def test_period_is_named_by_its_grain(grain, english, chinese, code):
    assert period(DAY, grain, "en") == english
    assert period(DAY, grain, "zh-CN") == chinese
    assert period_code(DAY, grain) == code


@pytest.mark.parametrize(
    ("first", "grain", "next_one"),
    [
        ("2026-12-31", "day", "2027-01-01"),
        ("2026-12-28", "week", "2027-01-04"),
        ("2026-12-01", "month", "2027-01-01"),
        ("2026-10-01", "quarter", "2027-01-01"),
        ("2026-01-01", "year", "2027-01-01"),
    ],
)
def test_next_period_crosses_the_year(first, grain, next_one):
    assert drill.after(dt.date.fromisoformat(first), grain) == dt.date.fromisoformat(next_one)
