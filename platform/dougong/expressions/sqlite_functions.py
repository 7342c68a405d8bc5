"""the functions that SQLite lacks, for every connection

Numbers come and go as integers that count units of their last decimal place. What does not fit is an error, which
SQLite reports as `user-defined function raised exception`; `to_sql.overflowed` recognises it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Protocol

from dougong.expressions import dates
from dougong.expressions.errors import Overflow
from dougong.expressions.functions import ascii_lower, ascii_upper, join
from dougong.expressions.numbers import MOST, QUOTIENT_SCALE, too_many_digits

OR_BLANK = "_or_blank"
"""What the name of a function ends with whose result is blank where it does not fit."""
_INTEGERS = 2**63
_POWERS: tuple[int, ...] = tuple(10**power for power in range(40))


class Connection(Protocol):
    """A connection of the `sqlite3` module."""

    def create_function(
        self, name: str, narg: int, func: Callable[..., Any] | None, /, *, deterministic: bool = False
    ) -> None:
        """Let statements call a Python function."""

    def create_aggregate(self, name: str, n_arg: int, aggregate_class: Any, /) -> None:
        """Let statements call a Python aggregate."""

    def execute(self, sql: str, /) -> Any:
        """Run a statement."""


def register(dbapi_connection: Connection) -> None:
    """Give a new SQLite connection the functions that our statements call."""
    for name, (count, function) in _FUNCTIONS.items():
        dbapi_connection.create_function(name, count, function, deterministic=True)
        if name in MAY_FAIL:
            dbapi_connection.create_function(f"{name}{OR_BLANK}", count, _or_blank(function), deterministic=True)
    dbapi_connection.create_aggregate("dougong_sum", 1, _Sum)
    # A SQLite built with ICU folds more than ASCII; the others are left their own, which are faster.
    if dbapi_connection.execute("select lower('Ä') || upper('ä')").fetchone()[0] != "Ää":
        dbapi_connection.create_function("lower", 1, _strict(ascii_lower), deterministic=True)
        dbapi_connection.create_function("upper", 1, _strict(ascii_upper), deterministic=True)


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function give blank for a blank; a number that SQLite had to make a float of is too large already."""

    def call(*arguments: Any) -> Any:
        for argument in arguments:
            if argument is None:
                return None
            if argument.__class__ is float:
                raise too_many_digits()
        return function(*arguments)

    return call


def _or_blank(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function give blank where it would not fit."""

    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Overflow:
            return None

    return call


class _Sum:
    """An exact sum, 0 of nothing; blank where SQLite has no integer for it."""

    def __init__(self) -> None:
        self.total = 0

    def step(self, value: int | None) -> None:
        """Add one."""
        self.total += value or 0

    def finalize(self) -> int | None:
        """Give the sum."""
        return self.total if -_INTEGERS <= self.total < _INTEGERS else None


def _fit(value: int) -> int:
    if -MOST <= value <= MOST:
        return value
    raise too_many_digits()


def _halved_up(numerator: int, denominator: int) -> int:
    """Divide integers, rounding half away from zero."""
    rounded = (2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator))
    return rounded if (numerator < 0) == (denominator < 0) else -rounded


def _add(left: int, more_left: int, right: int, more_right: int, sign: int) -> int:
    return _fit(left * _POWERS[more_left] + sign * right * _POWERS[more_right])


def _multiply(left: int, right: int, beyond: int) -> int:
    product = left * right
    return _fit(_halved_up(product, _POWERS[beyond]) if beyond else product)


def _divide(left: int, left_scale: int, right: int, right_scale: int) -> int | None:
    if right == 0:
        return None
    numerator = left * _POWERS[right_scale + QUOTIENT_SCALE]
    return _fit(_halved_up(numerator, right * _POWERS[left_scale]))


def _compare(left: int, more_left: int, right: int, more_right: int) -> int:
    one, other = left * _POWERS[more_left], right * _POWERS[more_right]
    return (one > other) - (one < other)


def _round(value: int, beyond: int) -> int:
    return _fit(_halved_up(value, _POWERS[beyond]))


def _floor(value: int, scale: int) -> int:
    return value // _POWERS[scale]


def _written(value: int, scale: int) -> str:
    whole, rest = divmod(abs(value), _POWERS[scale])
    text = f"{whole}.{rest:0{scale}d}" if scale else str(whole)
    return f"-{text}" if value < 0 else text


def _concat(*texts: str | None) -> str | None:
    return join(text for text in texts if text is not None) or None


def _ends_with(text: str, part: str) -> int:
    return int(ascii_lower(text).endswith(ascii_lower(part)))


def _shift_date(day: str, sign: int, months: int, days: int) -> str:
    return dates.shift_date(dt.date.fromisoformat(day), sign * months, sign * days).isoformat()


def _shift_moment(moment: str, sign: int, months: int, days: int, zone: str) -> str:
    moved = dates.shift_moment(_moment(moment), sign * months, sign * days, zone)
    return moved.replace(tzinfo=None).isoformat(" ", "milliseconds")


def _date_of(moment: str, zone: str) -> str:
    return dates.date_of(_moment(moment), zone).isoformat()


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


_FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "dougong_add": (5, _strict(_add)),
    "dougong_multiply": (3, _strict(_multiply)),
    "dougong_divide": (4, _strict(_divide)),
    "dougong_compare": (4, _strict(_compare)),
    "dougong_fit": (1, _strict(_fit)),
    "dougong_round": (2, _strict(_round)),
    "dougong_floor": (2, _strict(_floor)),
    "dougong_written": (2, _strict(_written)),
    "dougong_concat": (-1, _concat),
    "dougong_ends_with": (2, _strict(_ends_with)),
    "dougong_shift_date": (4, _strict(_shift_date)),
    "dougong_shift_moment": (5, _strict(_shift_moment)),
    "dougong_date_of": (2, _strict(_date_of)),
}
MAY_FAIL = frozenset(_FUNCTIONS) - {"dougong_compare", "dougong_floor", "dougong_written", "dougong_ends_with"}
"""The functions that have a twin for parts that may be blank instead."""
