"""numbers and dates as people write them, in their language"""

from __future__ import annotations

import copy
import datetime as dt
import decimal
import math
import re
from dataclasses import dataclass
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import (
    NumberPattern,
    format_compact_decimal,
    get_currency_precision,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
)

from dougong.base.errors import InvalidValue
from dougong.base.sql_types import EXACT, MOST_DIGITS
from dougong.base.text import FALLBACK, Message
from dougong.sdk.words import narrow

_LONGEST = 60
_LONG_NUMBER = 100_000
"""From here on a number is shown in short units where there is little room."""
_SPACES = re.compile("[\u0020\u00a0\u2009\u202f]")
_DIGITS = re.compile("[0-9]+")
_PLAIN = re.compile("[0-9]+[.][0-9]+")
_SIMPLE = re.compile("-?[0-9]{1,15}(?:[.][0-9]{1,9})?")
"""What needs no second look in any language that writes a point before the decimal places."""
_UNITS = {scale: decimal.Decimal(1).scaleb(-scale) for scale in range(19)}
_ALIKE = str.maketrans({"\u2019": "'", "\u2212": "-", "\u2010": "-", "\u2011": "-", "\u2013": "-"})

_SIGN = "\ue000"
"""Stands in a pattern for the sign of a currency, until it is known."""
_SIGNS = {"currency": (_SIGN, _SIGN), "code": ("¤¤\u00a0", "¤¤")}
"""What stands for a currency before and behind an amount."""

# Facts of Babel that never change while a process runs; reading them takes longer than formatting with them.
_locales: dict[str, Locale] = {}
_writing: dict[str, _Writing] = {}
_patterns: dict[tuple[str, str, int, int], NumberPattern] = {}


@dataclass(frozen=True)
class _Writing:
    point: str
    group: str
    grouped: re.Pattern[str]


def locale_of(tag: str) -> Locale:
    """Give Babel's locale of a language tag; English where it knows none."""
    if tag not in _locales:
        try:
            _locales[tag] = Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            _locales[tag] = Locale.parse(FALLBACK)
    return _locales[tag]


def read_decimal(raw: Any, locale: str = FALLBACK) -> decimal.Decimal:
    """Read a number exactly: a JSON number, or text such as `1,280.50`, in the locale's way of writing.

    What could mean two things (`1,28` in English) is refused, and so are exponents: a spreadsheet that wrote
    `1.23E+11` has lost digits.
    """
    match raw:
        case bool():
            raise _unclear(locale)
        case int():
            return _bounded(raw)
        case float() if math.isfinite(raw):
            return _bounded(decimal.Decimal(repr(float(raw))))
        case decimal.Decimal() if raw.is_finite():
            return _bounded(raw)
        case str() if len(raw) <= _LONGEST:
            return _from_text(raw, locale)
        case _:
            raise _unclear(locale)


def fit(
    number: decimal.Decimal,
    *,
    scale: int,
    digits: int = MOST_DIGITS,
    least: decimal.Decimal | None = None,
    most: decimal.Decimal | None = None,
    sign: str = "",
) -> decimal.Decimal:
    """Give a number its decimal places, or refuse it: nothing is rounded in silence.

    `sign` stands behind the limits where they are told.
    """
    exact = EXACT.quantize(number, _UNITS.get(scale) or decimal.Decimal(1).scaleb(-scale))
    if exact != number:
        raise _too_fine(scale)
    if exact.adjusted() >= digits - scale and exact:
        raise _too_long(digits - scale)
    if least is not None and exact < least:
        raise InvalidValue(Message("Enter at least {least}.", code="number_too_small", least=f"{least:f}{sign}"))
    if most is not None and exact > most:
        raise InvalidValue(Message("Enter at most {most}.", code="number_too_large", most=f"{most:f}{sign}"))
    return exact if exact else exact.copy_abs()


def rounded(number: decimal.Decimal | int, *, scale: int) -> decimal.Decimal:
    """Give a computed number its decimal places, half away from zero; refuse it beyond 18 digits."""
    # Far too long a number would break the rounding itself.
    exact = _bounded(number)
    return fit(EXACT.quantize(exact, decimal.Decimal(1).scaleb(-scale)), scale=scale)


def show_decimal(number: decimal.Decimal | int, locale: str, places: int, *, fewest: int | None = None) -> str:
    """Show a number with its groups; `fewest` lets zeros at its end go."""
    pattern = _pattern(locale, "decimal", places if fewest is None else fewest, places)
    return str(pattern.apply(number, locale_of(locale)))


def show_compact(number: decimal.Decimal | int, locale: str) -> str:
    """Show a number in short units, where it is long: `128.4万`, `1.28M`; a short one as it is."""
    if -_LONG_NUMBER < number < _LONG_NUMBER:
        return show_decimal(number, locale, 2, fewest=0)
    return str(format_compact_decimal(number, locale=locale_of(locale), fraction_digits=2))


def show_percent(fraction: decimal.Decimal, locale: str, places: int) -> str:
    """Show 0.125 as `12.5%`."""
    return str(_pattern(locale, "percent", 0, places).apply(fraction, locale_of(locale)))


def show_money(amount: decimal.Decimal, currency: str, locale: str, places: int, *, base: str | None = None) -> str:
    """Show an amount with its currency, in that currency's decimal places, or more where it has more.

    Base currency has its sign alone (`¥1,280.50`); any other its three letters (`USD 1,280.50`), for signs are shared.
    """
    fewest = min(get_currency_precision(currency), places)
    pattern = _pattern(locale, "currency" if currency == base else "code", fewest, places)
    shown = str(pattern.apply(amount, locale_of(locale), currency=currency, currency_digits=False))
    return shown.replace(_SIGN, currency_sign(currency, locale))


def currency_sign(currency: str, locale: str) -> str:
    """Give the sign of a currency without the letters that tell it from others: `¥` for CN¥; else its code."""
    sign: str = get_currency_symbol(currency, locale=locale_of(locale))
    return "".join(letter for letter in sign if not letter.isalpha()) or currency


def show_brief_date(day: dt.date, locale: str, today: dt.date | None) -> str:
    """Show a day of this year without it: `11-22`, `Nov 22`; of another year `2025-11-22`, `Nov 22, 2025`."""
    babel = locale_of(locale)
    is_this_year = today is not None and day.year == today.year
    if babel.language == "zh":
        return f"{day:%m-%d}" if is_this_year else day.isoformat()
    return str(format_skeleton("MMMd", day, locale=babel) if is_this_year else format_date(day, "medium", locale=babel))


def _pattern(locale: str, sort: str, fewest: int, most: int) -> NumberPattern:
    key = (locale, sort, fewest, most)
    if key not in _patterns:
        babel = locale_of(locale)
        by_sort = {
            "decimal": babel.decimal_formats[None],
            "percent": babel.percent_formats[None],
            "currency": babel.currency_formats["standard"],
            "code": babel.currency_formats["standard"],
        }
        pattern = copy.copy(by_sort[sort])
        if sort in _SIGNS:
            pattern.prefix = tuple(each.replace("¤", _SIGNS[sort][0]) for each in pattern.prefix)
            pattern.suffix = tuple(each.replace("¤", _SIGNS[sort][1]) for each in pattern.suffix)
        pattern.frac_prec = (fewest, most)
        _patterns[key] = pattern
    return _patterns[key]


def _from_text(text: str, locale: str) -> decimal.Decimal:
    if _SIMPLE.fullmatch(text) and _writing_of(locale).point == ".":
        return decimal.Decimal(text)
    text = narrow(text).strip().translate(_ALIKE)
    sign, body = (text[0], text[1:]) if text.startswith(("+", "-")) else ("", text)
    plain = _plain(body.strip(), _writing_of(locale))
    if plain is None:
        raise _unclear(locale)
    return _bounded(decimal.Decimal(sign + plain))


def _plain(body: str, writing: _Writing) -> str | None:
    """Give a number without its groups and with a point, or None where it is unclear."""
    if _SPACES.fullmatch(writing.group):
        body = _SPACES.sub(writing.group, body)
    whole, point, places = body.partition(writing.point)
    if not point or _DIGITS.fullmatch(places):
        if _DIGITS.fullmatch(whole):
            return f"{whole}.{places}" if point else whole
        if writing.grouped.fullmatch(whole):
            whole = whole.replace(writing.group, "")
            return f"{whole}.{places}" if point else whole
    # 1280.5 is clear wherever a point does not make groups.
    return body if writing.group != "." and _PLAIN.fullmatch(body) else None


def _writing_of(locale: str) -> _Writing:
    if locale not in _writing:
        babel = locale_of(locale)
        group = get_group_symbol(babel)
        group = "'" if group == "\u2019" else "\u00a0" if _SPACES.fullmatch(group) else group
        last, others = babel.decimal_formats[None].grouping
        mark = re.escape(group)
        grouped = re.compile(f"[0-9]{{1,{others}}}(?:{mark}[0-9]{{{others}}})*{mark}[0-9]{{{last}}}")
        _writing[locale] = _Writing(get_decimal_symbol(babel), group, grouped)
    return _writing[locale]


def _bounded(number: decimal.Decimal | int) -> decimal.Decimal:
    # Far more than any field holds, and all that can be quantized without an error of the decimal module.
    if number and not -(10**30) < number < 10**30:
        raise _too_long(MOST_DIGITS)
    return decimal.Decimal(number)


def _unclear(locale: str) -> InvalidValue:
    example = f"1280{_writing_of(locale).point}50"
    return InvalidValue(Message("Enter a number, such as {example}.", code="number_unclear", example=example))


def _too_fine(scale: int) -> InvalidValue:
    if scale == 0:
        return InvalidValue(Message("Enter a whole number.", code="number_not_whole"))
    return InvalidValue(Message("Enter at most {scale} decimal places.", code="number_too_fine", scale=scale))


def _too_long(whole: int) -> InvalidValue:
    return InvalidValue(
        Message(
            "Enter a number of at most {digits} digits before the point.",
            code="number_too_long",
            digits=whole,
        )
    )
