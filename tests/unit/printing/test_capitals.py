from __future__ import annotations

from decimal import Decimal

import pytest

from dougong.features.printing.capitals import capitals

WRITTEN = [
    ("0", "零元整"),
    ("1", "壹元整"),
    ("10", "壹拾元整"),
    ("105", "壹佰零伍元整"),
    ("1280.50", "壹仟贰佰捌拾元伍角整"),
    ("1000.05", "壹仟元零伍分"),
    ("0.05", "伍分"),
    ("0.30", "叁角整"),
    ("10010", "壹万零壹拾元整"),
    ("100000", "壹拾万元整"),
    ("1002003", "壹佰万贰仟零叁元整"),
    ("100000001", "壹亿零壹元整"),
    ("123456789.12", "壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元壹角贰分"),
    ("-20.004", "负贰拾元整"),
    ("99999999999999999", ""),
]


@pytest.mark.parametrize(("amount", "said"), WRITTEN)
def test_amount_is_written_in_capital_numerals(amount: str, said: str) -> None:
    assert capitals(Decimal(amount)) == said
