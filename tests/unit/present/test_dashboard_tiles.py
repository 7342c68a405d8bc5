"""tiles beside each other, and numbers in little room"""

from __future__ import annotations

from decimal import Decimal

import pytest

from dougong.sdk.numbers import show_compact
from dougong.web.present.dashboard import TileView, filled


@pytest.mark.parametrize(
    ("widths", "expected"),
    [
        ([6, 6], [6, 6]),
        ([3, 3, 3], [6, 3, 3]),
        ([6, 4, 8], [8, 4, 12]),
        ([8, 4, 6], [8, 4, 12]),
        ([], []),
    ],
)
def test_widest_tile_of_a_row_takes_what_is_over(widths: list[int], expected: list[int]) -> None:
    tiles = [TileView(str(at), "number", "", width) for at, width in enumerate(widths)]
    assert [each.width for each in filled(tiles)] == expected


@pytest.mark.parametrize(
    ("number", "chinese", "english"),
    [
        ("99999.5", "99,999.5", "99,999.5"),
        ("1283500.55", "128.35万", "1.28M"),
        ("-2500000", "-250万", "-2.5M"),
        ("129000000.1", "1.29亿", "129M"),
        ("0", "0", "0"),
    ],
)
def test_long_numbers_are_in_short_units(number: str, chinese: str, english: str) -> None:
    assert (show_compact(Decimal(number), "zh-CN"), show_compact(Decimal(number), "en")) == (chinese, english)
