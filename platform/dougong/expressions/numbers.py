"""exact numbers of at most 18 digits, and how many decimal places a result has

All evaluators keep to these rules; the SQL of both databases is written to give the same digits.
"""

from __future__ import annotations

import decimal

from dougong.base.sql_types import EXACT, MOST_DIGITS
from dougong.expressions.errors import Overflow

MOST = 10**MOST_DIGITS - 1
"""The largest number there is, counted in units of its last decimal place."""
QUOTIENT_SCALE = 6
"""Decimal places of a quotient, and those a product keeps exactly."""

ZERO = decimal.Decimal(0)
UNITS = tuple(decimal.Decimal(1).scaleb(-scale) for scale in range(2 * MOST_DIGITS + 1))
LIMITS = tuple(decimal.Decimal(10) ** (MOST_DIGITS - scale) for scale in range(MOST_DIGITS + 1))


def product_scale(left: int, right: int) -> int:
    """Say how many places a product has: those of both factors, but more than 6 only if one factor has more.

    The rest is rounded half away from zero, so that 12 digits stay before the point in a chain of products.
    """
    return min(left + right, max(left, right, QUOTIENT_SCALE))


def too_many_digits() -> Overflow:
    """Say that a number does not fit."""
    return Overflow("The result has more than 18 digits.")


def fit(value: decimal.Decimal, scale: int) -> decimal.Decimal:
    """Give the number back if it has at most 18 digits when written with so many decimal places."""
    limit = LIMITS[scale]
    if -limit < value < limit:
        return value
    raise too_many_digits()


def rounded(value: decimal.Decimal, scale: int) -> decimal.Decimal:
    """Round half away from zero, to at most 18 digits."""
    return fit(EXACT.quantize(value, UNITS[scale]), scale)


def quotient(left: decimal.Decimal, right: decimal.Decimal) -> decimal.Decimal | None:
    """Divide, to 6 places; by zero gives blank."""
    # 60 digits leave no quotient that fits so near to a half that rounding twice could go wrong.
    return rounded(EXACT.divide(left, right), QUOTIENT_SCALE) if right else None


def written(value: decimal.Decimal, scale: int) -> str:
    """Write a number with all its decimal places: `12.50`."""
    return f"{EXACT.quantize(value, UNITS[scale]) if value else UNITS[scale] * 0:f}"


def exact(value: object) -> decimal.Decimal | None:
    """Take a number from a record; floats are refused."""
    if value is None or isinstance(value, decimal.Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return decimal.Decimal(value)
    raise TypeError(f"expressions compute with Decimal and int, not with {value!r}")
