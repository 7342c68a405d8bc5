"""the functions of the language: one table that check, evaluate and to_sql read

A function of a blank is blank, and one that answers yes or no answers no, unless its line says otherwise.
Implementations take the call, the setting, and then the values (in Python) or operands (in SQL) of the arguments.
"""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from dougong.base.sql_types import MOST_DIGITS, Moment
from dougong.expressions import dates, numbers
from dougong.expressions.errors import Overflow
from dougong.expressions.operands import Element, Operand, numeric
from dougong.expressions.setting import Setting
from dougong.expressions.tree import Aggregation, Call, Literal, Node
from dougong.expressions.types import BOOLEAN, DATE, MOMENT, SPAN, TEXT, WHOLE, Sort, Type, number

BLANKS = " \t\r\n\u00a0\u3000"
"""What `trim` takes away."""
LONGEST_RESULT = 100_000
"""How many characters a text may have that was joined from others."""
MANY_DAYS = 4_000_000
"""More days than there are between the years 1 and 9999."""


class Span(NamedTuple):
    """How far a date is moved: by months, then by days."""

    months: int
    days: int


@dataclass(frozen=True)
class Parameter:
    """What a function takes at one place."""

    name: str
    sorts: tuple[Sort, ...]
    is_whole: bool = False
    is_written: bool = False
    """Whether it must be a number written out, and how many decimal places it then means."""


@dataclass(frozen=True)
class Function:
    """One function, in Python and in both databases."""

    name: str
    parameters: tuple[Parameter, ...]
    result: Type | Callable[[Sequence[Node]], Type]
    doc: str
    example: str
    """A call with constants; its value stands beside it in the reference."""
    python: Callable[..., Any]
    sqlite: Callable[..., Element]
    postgresql: Callable[..., Element]
    least: int = -1
    """How many arguments must be given; -1 is all."""
    repeats: bool = False
    """Whether the last parameter may be given again and again."""
    is_volatile: bool = False
    """Whether it gives another value tomorrow, though no record has changed."""
    takes_blanks: bool = False
    """Whether blanks get to the implementation; in Python the values come as one iterator then, found out as needed."""
    unifies: bool = False
    """Whether all arguments and the result have one common type."""
    most: int = numbers.MOST
    """The largest magnitude of a numeric result, in units of its last place."""

    @property
    def needed(self) -> int:
        """How many arguments must be given."""
        return len(self.parameters) if self.least < 0 else self.least

    @property
    def signature(self) -> str:
        """The function with its parameters, as an author would write it."""
        names = [
            parameter.name + ("?" if place >= self.needed else "") for place, parameter in enumerate(self.parameters)
        ]
        return f"{self.name}({', '.join([*names, '…'] if self.repeats else names)})"


@dataclass(frozen=True)
class AggregateFunction:
    """One function over the children of a record."""

    name: Aggregation
    sorts: tuple[Sort, ...]
    doc: str
    example: str


def written_number(node: Node) -> int:
    """Give the number that `check` made sure is written out."""
    if isinstance(node, Literal) and isinstance(node.value, Decimal):
        return int(node.value)
    raise TypeError(f"not a number written out: {node!r}")


def ascii_lower(text: str) -> str:
    """Fold A to Z, and nothing else."""
    return text.translate(_TO_LOWER)


def ascii_upper(text: str) -> str:
    """Fold a to z, and nothing else."""
    return text.translate(_TO_UPPER)


_TO_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_TO_UPPER = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


def _rounded_type(arguments: Sequence[Node]) -> Type:
    places = written_number(arguments[1]) if len(arguments) > 1 else 0
    return number(min(places, arguments[0].type.scale))


def _first_there(call: Call, setting: Setting, values: Iterator[Any]) -> Any:
    fits = call.type.sort == "number"
    found = next((value for value in values if value is not None), None)
    return numbers.fit(found, call.type.scale) if fits and found is not None else found


def join(texts: Iterable[str]) -> str:
    """Join texts, up to a length that can do no harm."""
    joined = "".join(texts)
    if len(joined) > LONGEST_RESULT:
        raise Overflow("The text is too long.")
    return joined


def _joined(call: Call, setting: Setting, values: Iterator[str | None]) -> str:
    return join(value for value in values if value is not None)


def _text_of(call: Call, setting: Setting, value: Decimal | dt.date) -> str:
    return numbers.written(value, call.arguments[0].type.scale) if isinstance(value, Decimal) else value.isoformat()


def _text_of_sqlite(call: Call, setting: Setting, value: Operand) -> Element:
    if value.type.sort == "date":
        return sa.cast(value.element, sa.Text)
    return sa.func.dougong_written(value.element, value.type.scale, type_=sa.Text)


def _text_of_postgresql(call: Call, setting: Setting, value: Operand) -> Element:
    if value.type.sort == "date":
        return sa.func.to_char(value.element, "YYYY-MM-DD", type_=sa.Text)
    return sa.cast(sa.cast(value.element, sa.Numeric(MOST_DIGITS, value.type.scale)), sa.Text)


def _lower(text: Operand) -> Element:
    """Fold ASCII letters: all that SQLite's own `lower` folds, and PostgreSQL's under this collation."""
    return sa.func.lower(text.element, type_=sa.Text)


def _by_code_point(text: Operand) -> Element:
    return sa.collate(text.element, "C")


def _lower_c(text: Operand) -> Element:
    return sa.func.lower(_by_code_point(text), type_=sa.Text)


def _blank_if_empty(text: Element) -> Element:
    return sa.func.nullif(text, sa.literal("", sa.Text()), type_=sa.Text)


def _extract(name: str) -> Callable[..., Element]:
    """Take a part of a date, on PostgreSQL."""
    return lambda call, setting, day: sa.cast(sa.extract(name, day.element), sa.Integer)


def _digits(begin: int, length: int) -> Callable[..., Element]:
    """Take a part of a date, on SQLite, where it is a text like `2026-11-22`."""
    return lambda call, setting, day: sa.cast(sa.func.substr(day.element, begin, length, type_=sa.Text), sa.Integer)


def _days_between_sqlite(call: Call, setting: Setting, start: Operand, end: Operand) -> Element:
    gap = sa.func.julianday(end.element, type_=sa.Float) - sa.func.julianday(start.element, type_=sa.Float)
    return sa.cast(gap, sa.Integer)


def _start_of_month_sqlite(call: Call, setting: Setting, day: Operand) -> Element:
    month = sa.func.substr(day.element, 1, 8, type_=sa.Text)
    return sa.type_coerce(month.concat(sa.literal_column("'01'", sa.Text)), sa.Date())


_ANY: tuple[Sort, ...] = ("text", "number", "boolean", "date", "moment", "codes", "record", "blank")
_DATE = Parameter("date", ("date",))
_NUMBER = Parameter("number", ("number",))
_COUNT = Parameter("count", ("number",), is_whole=True)
_TEXT = Parameter("text", ("text",))
_PART = Parameter("part", ("text",))
_SPAN_NOTE = "to add to a date or moment, or take from it"

_FUNCTIONS = (
    Function(
        "today", (), DATE, "the day it is: in the reader's zone on screens, in the instance's elsewhere", "today()",
        is_volatile=True,
        python=lambda call, setting: setting.today,
        sqlite=lambda call, setting: sa.literal(setting.today, sa.Date()),
        postgresql=lambda call, setting: sa.literal(setting.today, sa.Date()),
    ),
    Function(
        "now", (), MOMENT, "the moment it is, to the millisecond", "now()",
        is_volatile=True,
        python=lambda call, setting: setting.now,
        sqlite=lambda call, setting: sa.literal(setting.now, Moment()),
        postgresql=lambda call, setting: sa.literal(setting.now, Moment()),
    ),
    Function(
        "days", (_COUNT,), SPAN, f"so many days, {_SPAN_NOTE}", '"2026-11-22" + days(14)',
        python=lambda call, setting, count: Span(0, int(count)),
        sqlite=lambda call, setting, count: count.element,
        postgresql=lambda call, setting, count: count.element,
    ),
    Function(
        "months", (_COUNT,), SPAN, f"so many months, {_SPAN_NOTE}; where the month is too short, its last day",
        '"2026-01-31" + months(1)',
        python=lambda call, setting, count: Span(int(count), 0),
        sqlite=lambda call, setting, count: count.element,
        postgresql=lambda call, setting, count: count.element,
    ),
    Function(
        "years", (_COUNT,), SPAN, f"so many years, {_SPAN_NOTE}", '"2024-02-29" - years(1)',
        python=lambda call, setting, count: Span(12 * int(count), 0),
        sqlite=lambda call, setting, count: sa.literal_column("12", sa.Integer) * count.element,
        postgresql=lambda call, setting, count: sa.literal_column("12", sa.Integer) * numeric(count),
    ),
    Function(
        "days_between", (Parameter("start", ("date",)), Parameter("end", ("date",))), WHOLE,
        "how many days from one date to another; negative if the second is earlier",
        'days_between("2026-11-22", "2026-12-24")',
        most=MANY_DAYS,
        python=lambda call, setting, start, end: Decimal((end - start).days),
        sqlite=_days_between_sqlite,
        postgresql=lambda call, setting, start, end: end.element.op("-", return_type=sa.Integer())(start.element),
    ),
    Function(
        "year_of", (_DATE,), WHOLE, "the year of a date", 'year_of("2026-11-22")',
        most=9999,
        python=lambda call, setting, day: Decimal(day.year),
        sqlite=_digits(1, 4),
        postgresql=_extract("year"),
    ),
    Function(
        "quarter_of", (_DATE,), WHOLE, "the quarter of a date, 1 to 4", 'quarter_of("2026-11-22")',
        most=4,
        python=lambda call, setting, day: Decimal((day.month + 2) // 3),
        sqlite=lambda call, setting, day: (_digits(6, 2)(call, setting, day) + 2) // 3,
        postgresql=_extract("quarter"),
    ),
    Function(
        "month_of", (_DATE,), WHOLE, "the month of a date, 1 to 12", 'month_of("2026-11-22")',
        most=12,
        python=lambda call, setting, day: Decimal(day.month),
        sqlite=_digits(6, 2),
        postgresql=_extract("month"),
    ),
    Function(
        "day_of", (_DATE,), WHOLE, "the day of a date, 1 to 31", 'day_of("2026-11-22")',
        most=31,
        python=lambda call, setting, day: Decimal(day.day),
        sqlite=_digits(9, 2),
        postgresql=_extract("day"),
    ),
    Function(
        "weekday_of", (_DATE,), WHOLE, "the weekday of a date, 1 for Monday to 7 for Sunday",
        'weekday_of("2026-11-22")',
        most=7,
        python=lambda call, setting, day: Decimal(day.isoweekday()),
        sqlite=lambda call, setting, day: (
            (sa.cast(sa.func.strftime("%w", day.element, type_=sa.Text), sa.Integer) + 6) % 7 + 1
        ),
        postgresql=_extract("isodow"),
    ),
    Function(
        "start_of_month", (_DATE,), DATE, "the first day of the month of a date", 'start_of_month("2026-11-22")',
        python=lambda call, setting, day: day.replace(day=1),
        sqlite=_start_of_month_sqlite,
        postgresql=lambda call, setting, day: sa.cast(
            sa.func.date_trunc("month", sa.cast(day.element, sa.DateTime)), sa.Date
        ),
    ),
    Function(
        "date_of", (Parameter("moment", ("moment",)),), DATE,
        "the day of a moment, in the reader's zone on screens, in the instance's zone elsewhere",
        'date_of("2026-11-22T23:30:00Z")',
        python=lambda call, setting, moment: dates.date_of(moment, setting.zone),
        sqlite=lambda call, setting, moment: sa.func.dougong_date_of(moment.element, setting.zone, type_=sa.Date),
        postgresql=lambda call, setting, moment: sa.cast(sa.func.timezone(setting.zone, moment.element), sa.Date),
    ),
    Function(
        "length_of", (_TEXT,), WHOLE, "how many characters a text has", 'length_of("斗拱")',
        most=10**9,
        python=lambda call, setting, text: Decimal(len(text)),
        sqlite=lambda call, setting, text: sa.func.length(text.element, type_=sa.Integer),
        postgresql=lambda call, setting, text: sa.func.char_length(text.element, type_=sa.Integer),
    ),
    Function(
        "lower", (_TEXT,), TEXT, "a text with A to Z made small; other letters stay", 'lower("ABC")',
        python=lambda call, setting, text: ascii_lower(text),
        sqlite=lambda call, setting, text: _lower(text),
        postgresql=lambda call, setting, text: _lower_c(text),
    ),
    Function(
        "upper", (_TEXT,), TEXT, "a text with a to z made large; other letters stay", 'upper("abc")',
        python=lambda call, setting, text: ascii_upper(text),
        sqlite=lambda call, setting, text: sa.func.upper(text.element, type_=sa.Text),
        postgresql=lambda call, setting, text: sa.func.upper(_by_code_point(text), type_=sa.Text),
    ),
    Function(
        "trim", (_TEXT,), TEXT, "a text without the spaces and line ends around it", 'trim("  abc ")',
        python=lambda call, setting, text: text.strip(BLANKS),
        sqlite=lambda call, setting, text: _blank_if_empty(sa.func.trim(text.element, BLANKS, type_=sa.Text)),
        postgresql=lambda call, setting, text: _blank_if_empty(sa.func.btrim(text.element, BLANKS, type_=sa.Text)),
    ),
    Function(
        "contains", (_TEXT, _PART), BOOLEAN, "whether a part occurs in a text; A and a are alike",
        'contains("Blue Bird", "bird")',
        python=lambda call, setting, text, part: ascii_lower(part) in ascii_lower(text),
        sqlite=lambda call, setting, text, part: sa.func.instr(_lower(text), _lower(part), type_=sa.Integer) > 0,
        postgresql=lambda call, setting, text, part: (
            sa.func.strpos(_lower_c(text), _lower_c(part), type_=sa.Integer) > 0
        ),
    ),
    Function(
        "starts_with", (_TEXT, _PART), BOOLEAN, "whether a text begins with a part; A and a are alike",
        'starts_with("Blue Bird", "blue")',
        python=lambda call, setting, text, part: ascii_lower(text).startswith(ascii_lower(part)),
        sqlite=lambda call, setting, text, part: sa.func.instr(_lower(text), _lower(part), type_=sa.Integer) == 1,
        postgresql=lambda call, setting, text, part: sa.func.starts_with(
            _lower_c(text), _lower_c(part), type_=sa.Boolean
        ),
    ),
    Function(
        "ends_with", (_TEXT, _PART), BOOLEAN, "whether a text ends with a part; A and a are alike",
        'ends_with("Blue Bird", "bird")',
        python=lambda call, setting, text, part: ascii_lower(text).endswith(ascii_lower(part)),
        sqlite=lambda call, setting, text, part: (
            sa.func.dougong_ends_with(text.element, part.element, type_=sa.Integer) == 1
        ),
        postgresql=lambda call, setting, text, part: sa.func.starts_with(
            sa.func.reverse(_lower_c(text)), sa.func.reverse(_lower_c(part)), type_=sa.Boolean
        ),
    ),
    Function(
        "concat", (_TEXT, _TEXT), TEXT,
        "texts joined, without those that are blank (with `+`, one blank makes all blank)",
        'concat("a", null, "b")',
        repeats=True, takes_blanks=True,
        python=_joined,
        sqlite=lambda call, setting, *texts: sa.func.dougong_concat(*(text.element for text in texts), type_=sa.Text),
        postgresql=lambda call, setting, *texts: _blank_if_empty(sa.func.concat(*(text.element for text in texts))),
    ),
    Function(
        "text_of", (Parameter("value", ("number", "date")),), TEXT,
        "a number with all its decimal places, or a date, as text", "text_of(12.50)",
        python=_text_of,
        sqlite=_text_of_sqlite,
        postgresql=_text_of_postgresql,
    ),
    Function(
        "round", (_NUMBER, Parameter("places", ("number",), is_written=True)), _rounded_type,
        "a number to so many decimal places (none, if not said), half away from zero", "round(2.345, 2)",
        least=1,
        python=lambda call, setting, value, *places: numbers.rounded(value, call.type.scale),
        sqlite=lambda call, setting, value, *places: sa.func.dougong_round(
            value.element, value.type.scale - call.type.scale, type_=sa.BigInteger
        ),
        postgresql=lambda call, setting, value, *places: sa.cast(
            value.element, sa.Numeric(MOST_DIGITS, call.type.scale)
        ),
    ),
    Function(
        "floor", (_NUMBER,), WHOLE, "the whole number at or below a number", "floor(-1.5)",
        python=lambda call, setting, value: value.to_integral_value(ROUND_FLOOR),
        sqlite=lambda call, setting, value: sa.func.dougong_floor(value.element, value.type.scale, type_=sa.BigInteger),
        postgresql=lambda call, setting, value: sa.func.floor(numeric(value), type_=sa.Numeric),
    ),
    Function(
        "ceil", (_NUMBER,), WHOLE, "the whole number at or above a number", "ceil(-1.5)",
        python=lambda call, setting, value: value.to_integral_value(ROUND_CEILING),
        sqlite=lambda call, setting, value: -sa.func.dougong_floor(
            -value.element, value.type.scale, type_=sa.BigInteger
        ),
        postgresql=lambda call, setting, value: sa.func.ceil(numeric(value), type_=sa.Numeric),
    ),
    Function(
        "abs", (_NUMBER,), lambda arguments: arguments[0].type, "a number without its sign", "abs(-1.5)",
        python=lambda call, setting, value: value.copy_abs(),
        sqlite=lambda call, setting, value: sa.func.abs(value.element, type_=sa.BigInteger),
        postgresql=lambda call, setting, value: sa.func.abs(numeric(value), type_=sa.Numeric),
    ),
    Function(
        "coalesce", (Parameter("value", _ANY), Parameter("value", _ANY)), lambda arguments: arguments[0].type,
        "the first value that is not blank", 'coalesce(null, "b", "c")',
        repeats=True, takes_blanks=True, unifies=True,
        python=_first_there,
        sqlite=lambda call, setting, *values: sa.func.coalesce(*(value.element for value in values)),
        postgresql=lambda call, setting, *values: sa.func.coalesce(*(value.element for value in values)),
    ),
)  # fmt: skip

FUNCTIONS: Mapping[str, Function] = {function.name: function for function in _FUNCTIONS}

_AGGREGATES = (
    AggregateFunction(
        "sum", ("number",), "the sum over the lines; 0 if there are none", "sum(lines.price * lines.quantity)"
    ),
    AggregateFunction(
        "count",
        ("boolean",),
        "how many lines there are, or for how many a condition holds",
        "count(lines.price > 100)",
    ),
    AggregateFunction(
        "min", ("number", "text", "date", "moment"), "the smallest value, blanks aside", "min(lines.due)"
    ),
    AggregateFunction("max", ("number", "text", "date", "moment"), "the largest value, blanks aside", "max(lines.due)"),
    AggregateFunction("avg", ("number",), "the mean, blanks aside, to 6 places", "avg(lines.price)"),
)

AGGREGATES: Mapping[str, AggregateFunction] = {function.name: function for function in _AGGREGATES}

RESERVED = frozenset({*FUNCTIONS, *AGGREGATES, "me", "null", "true", "false"})
"""Names that no field may have."""
