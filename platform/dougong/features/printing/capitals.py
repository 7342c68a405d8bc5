"""amounts in Chinese capital numerals, as contracts and receipts have them: 壹仟贰佰捌拾元伍角整"""

from __future__ import annotations

import decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
MOST = decimal.Decimal(10) ** 16


def capitals(amount: decimal.Decimal) -> str:
    """Write an amount of yuan to the cent; blank for one that is too large to be written so."""
    amount = amount.quantize(decimal.Decimal("0.01"), rounding=decimal.ROUND_HALF_UP)
    if abs(amount) >= MOST:
        return ""
    sign = "负" if amount < 0 else ""
    cents = int(abs(amount) * 100)
    whole, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    said = f"{_whole(whole)}元" if whole or not cents else ""
    if not jiao and not fen:
        return f"{sign}{said}整"
    if jiao:
        said += f"{_DIGITS[jiao]}角"
    elif whole:
        said += _DIGITS[0]
    return f"{sign}{said}{_DIGITS[fen]}分" if fen else f"{sign}{said}整"


def _whole(number: int) -> str:
    """Write a whole number by groups of four digits."""
    if number == 0:
        return _DIGITS[0]
    said, gap = "", False
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    for at in range(len(groups) - 1, -1, -1):
        group = groups[at]
        if group == 0:
            gap = bool(said)
            continue
        if said and (gap or group < 1000):
            said += _DIGITS[0]
        said += _four(group) + _GROUPS[at]
        gap = False
    return said


def _four(group: int) -> str:
    said, gap = "", False
    for at in range(3, -1, -1):
        digit = group // 10**at % 10
        if digit == 0:
            gap = bool(said)
            continue
        said += (_DIGITS[0] if gap else "") + _DIGITS[digit] + _PLACES[at]
        gap = False
    return said
