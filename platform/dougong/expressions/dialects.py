"""how SQLite and PostgreSQL say the same thing

PostgreSQL has exact numbers; on SQLite they are integers that count units of the last decimal place, and what might not
fit 64 bits goes through the functions of `sqlite_functions`.
"""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from dougong.base.sql_types import MOST_DIGITS, Codes, ExactDecimal, Key, Moment
from dougong.expressions.functions import MANY_DAYS
from dougong.expressions.numbers import MOST, QUOTIENT_SCALE
from dougong.expressions.operands import Element, Operand, numeric
from dougong.expressions.setting import Setting
from dougong.expressions.sqlite_functions import MAY_FAIL, OR_BLANK
from dougong.expressions.tree import CompareOperator, Value
from dougong.expressions.types import Type, number

TESTS: Mapping[str, Callable[[Any, Any], Element]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip

SQL_TYPES: Mapping[str, sa.types.TypeEngine[Any]] = {
    "text": sa.Text(),
    "boolean": sa.Boolean(),
    "date": sa.Date(),
    "moment": Moment(),
    "record": Key(),
    "codes": Codes(),
}

_SPACIOUS = sa.Numeric(120, 60)
"""Wide enough for any quotient that fits, so that rounding it to 6 places rounds it once."""


class Dialect(ABC):
    """One database's way to say things."""

    name: ClassVar[str]
    number_type: ClassVar[sa.types.TypeEngine[Any]]

    def literal(self, value: Value, kind: Type) -> Operand:
        """Say a value that is known."""
        if value is None or value == "":
            return Operand(self.blank(kind), kind, most=0)
        if isinstance(value, bool):
            return Operand(sa.true() if value else sa.false(), kind, is_plain=True)
        if isinstance(value, Decimal):
            return self.number(value, kind.scale)
        return Operand(sa.literal(value, SQL_TYPES[kind.sort]), kind, is_plain=True)

    def blank(self, kind: Type) -> Element:
        """Say blank, of a type."""
        sql_type = self.number_type if kind.sort == "number" else SQL_TYPES.get(kind.sort)
        return sa.cast(sa.null(), sql_type) if sql_type is not None else sa.null()

    def column(self, element: Element, kind: Type) -> Operand:
        """Take what stands in a column."""
        is_plain = isinstance(element, sa.ColumnClause)
        if kind.sort != "number":
            return Operand(element, kind, is_plain=is_plain)
        return replace(self.number_column(element, kind), is_plain=is_plain)

    def compare_with(self, test: CompareOperator, value: Operand, literal: Decimal) -> Element:
        """Compare a number with a known one, without touching a column, so that its index can be used."""
        step = self.step_of(value)
        if step is None:
            return TESTS[test](value.element, sa.literal(literal, sa.Numeric()))
        counted = literal.scaleb(step)
        whole = int(counted.to_integral_value(ROUND_CEILING if test in ("<", ">=") else ROUND_FLOOR))
        if whole != counted and test in ("==", "!="):
            return sa.true() if test == "!=" else sa.false()
        # A literal that no column can hold is as good as one just beyond what they hold.
        return TESTS[test](value.element, sa.literal(max(-MOST - 1, min(whole, MOST + 1)), sa.BigInteger()))

    def exact_number(self, value: Operand) -> Element:
        """Give a number in the one shape that all branches of a choice have."""
        return value.element

    @abstractmethod
    def number(self, value: Decimal, scale: int) -> Operand:
        """Say a number that is known."""

    @abstractmethod
    def number_column(self, element: Element, kind: Type) -> Operand:
        """Take the number that stands in a column."""

    @abstractmethod
    def step_of(self, value: Operand) -> int | None:
        """Say how many decimal places the integers of an operand count, or None if it holds no integers."""

    @abstractmethod
    def sum(self, sign: int, left: Operand, right: Operand, scale: int) -> Operand:
        """Add, or take away."""

    @abstractmethod
    def product(self, left: Operand, right: Operand, scale: int) -> Operand:
        """Multiply, and round what is beyond the scale."""

    @abstractmethod
    def quotient(self, left: Operand, right: Operand) -> Operand:
        """Divide to 6 places; blank by zero."""

    @abstractmethod
    def widened(self, value: Operand, scale: int) -> Operand:
        """Give a number more decimal places."""

    @abstractmethod
    def stored(self, value: Operand, scale: int) -> Element:
        """Give a number as a column of that many decimal places holds it; more than 18 digits are refused."""

    @abstractmethod
    def compare_numbers(self, test: CompareOperator, left: Operand, right: Operand) -> Element:
        """Compare two numbers."""

    @abstractmethod
    def by_code_point(self, text: Element) -> Element:
        """Have a text compared by code point."""

    @abstractmethod
    def id_as_text(self, record: Element) -> Element:
        """Make text of a lookup."""

    @abstractmethod
    def has_code(self, codes: Element, item: Element) -> Element:
        """Ask whether a code is among several."""

    @abstractmethod
    def moved(
        self, value: Operand, sign: int, count: Operand, unit: str, setting: Setting, *, is_forgiving: bool
    ) -> Element:
        """Move a date or moment by a count of days or months."""

    @abstractmethod
    def total(self, value: Operand, *, is_forgiving: bool) -> Element:
        """Sum over rows; 0 where there are none."""

    @abstractmethod
    def mean(self, value: Operand, *, is_forgiving: bool) -> Element:
        """Average over rows, to 6 places."""

    @abstractmethod
    def or_blank(self, value: Operand) -> Operand:
        """Have blank instead of an error where the outermost operation of a value gives more than fits."""

    def negative(self, value: Operand) -> Operand:
        """Turn the sign."""
        return replace(value, element=-value.element, is_plain=False)


class Sqlite(Dialect):
    """Numbers are integers; dates, moments and ids are text."""

    name = "sqlite"
    number_type = sa.BigInteger()

    def number(self, value: Decimal, scale: int) -> Operand:
        counted = int(value.scaleb(scale))
        return Operand(sa.literal(counted, sa.BigInteger()), number(scale), most=abs(counted), is_plain=True)

    def number_column(self, element: Element, kind: Type) -> Operand:
        if isinstance(element.type, ExactDecimal):
            scale, digits = element.type.scale, element.type.digits
        elif isinstance(element.type, sa.Integer):
            scale, digits = 0, MOST_DIGITS
        else:
            raise TypeError(f"{element!r} is no exact number on SQLite")
        found = Operand(sa.type_coerce(element, sa.BigInteger()), number(scale), most=10**digits - 1)
        # A formula that stands in for a column may be a constant, or give fewer decimal places than its field has.
        if isinstance(element, sa.BindParameter):
            found = self.number(Decimal(element.value or 0), scale)
        return self.widened(found, kind.scale)

    def step_of(self, value: Operand) -> int | None:
        return value.type.scale

    def sum(self, sign: int, left: Operand, right: Operand, scale: int) -> Operand:
        more_left, more_right = scale - left.type.scale, scale - right.type.scale
        most = left.most * 10**more_left + right.most * 10**more_right
        if most <= MOST:
            one, other = self.widened(left, scale).element, self.widened(right, scale).element
            return Operand(one + other if sign > 0 else one - other, number(scale), most)
        added = sa.func.dougong_add(left.element, more_left, right.element, more_right, sign, type_=sa.BigInteger)
        return Operand(added, number(scale))

    def product(self, left: Operand, right: Operand, scale: int) -> Operand:
        beyond = left.type.scale + right.type.scale - scale
        most = left.most * right.most
        if most <= MOST and not beyond:
            return Operand(left.element * right.element, number(scale), most)
        return Operand(
            sa.func.dougong_multiply(left.element, right.element, beyond, type_=sa.BigInteger), number(scale)
        )

    def quotient(self, left: Operand, right: Operand) -> Operand:
        divided = sa.func.dougong_divide(
            left.element, left.type.scale, right.element, right.type.scale, type_=sa.BigInteger
        )
        return Operand(divided, number(QUOTIENT_SCALE))

    def widened(self, value: Operand, scale: int) -> Operand:
        more = scale - value.type.scale
        if more <= 0:
            return value
        most = value.most * 10**more
        if most <= MOST:
            return Operand(value.element * _int(10**more), number(scale), most)
        return Operand(sa.func.dougong_multiply(value.element, _int(10**more), 0, type_=sa.BigInteger), number(scale))

    def stored(self, value: Operand, scale: int) -> Element:
        unit = _int(10 ** (scale - value.type.scale))
        return sa.func.dougong_multiply(value.element, unit, 0, type_=sa.BigInteger)

    def compare_numbers(self, test: CompareOperator, left: Operand, right: Operand) -> Element:
        scale = max(left.type.scale, right.type.scale)
        more_left, more_right = scale - left.type.scale, scale - right.type.scale
        if left.most * 10**more_left <= MOST and right.most * 10**more_right <= MOST:
            return TESTS[test](self.widened(left, scale).element, self.widened(right, scale).element)
        compared = sa.func.dougong_compare(left.element, more_left, right.element, more_right, type_=sa.Integer)
        return TESTS[test](compared, _int(0))

    def by_code_point(self, text: Element) -> Element:
        return text

    def id_as_text(self, record: Element) -> Element:
        return sa.type_coerce(record, sa.Text())

    def has_code(self, codes: Element, item: Element) -> Element:
        each = sa.func.json_each(codes).table_valued(sa.column("value", sa.Text))
        return sa.exists(sa.select(_int(1)).select_from(each).where(each.c.value == item).correlate_except(each))

    def moved(
        self, value: Operand, sign: int, count: Operand, unit: str, setting: Setting, *, is_forgiving: bool
    ) -> Element:
        months, days = (count.element, _int(0)) if unit == "months" else (_int(0), count.element)
        if value.type.sort == "date":
            return sa.func.dougong_shift_date(value.element, sign, months, days, type_=sa.Date)
        return sa.func.dougong_shift_moment(value.element, sign, months, days, setting.zone, type_=Moment)

    def total(self, value: Operand, *, is_forgiving: bool) -> Element:
        if is_forgiving:
            return sa.func.dougong_fit(sa.func.dougong_sum(value.element), type_=sa.BigInteger)
        return sa.func.dougong_fit(sa.func.coalesce(sa.func.sum(value.element), _int(0)), type_=sa.BigInteger)

    def mean(self, value: Operand, *, is_forgiving: bool) -> Element:
        total: Element = sa.func.dougong_sum(value.element) if is_forgiving else sa.func.sum(value.element)
        count = sa.func.count(value.element)
        return sa.func.dougong_divide(total, value.type.scale, count, 0, type_=sa.BigInteger)

    def or_blank(self, value: Operand) -> Operand:
        element = value.element
        if not isinstance(element, sa.Function) or element.name not in MAY_FAIL:
            return value
        twin = sa.Function(f"{element.name}{OR_BLANK}", *element.clauses, type_=element.type)
        return replace(value, element=twin)


class Postgresql(Dialect):
    """Numbers are `numeric`, or integers where a column is one."""

    name = "postgresql"
    number_type = sa.Numeric()

    def number(self, value: Decimal, scale: int) -> Operand:
        counted = int(value.scaleb(scale))
        return Operand(sa.literal(value, sa.Numeric()), number(scale), most=abs(counted), is_plain=True)

    def number_column(self, element: Element, kind: Type) -> Operand:
        if isinstance(element.type, sa.Integer):
            return Operand(element, kind)
        digits = element.type.digits if isinstance(element.type, ExactDecimal) else MOST_DIGITS
        return Operand(sa.type_coerce(element, sa.Numeric()), kind, most=10**digits - 1)

    def exact_number(self, value: Operand) -> Element:
        return numeric(value)

    def step_of(self, value: Operand) -> int | None:
        return 0 if isinstance(value.element.type, sa.Integer) else None

    def sum(self, sign: int, left: Operand, right: Operand, scale: int) -> Operand:
        one, other = numeric(left), numeric(right)
        most = left.most * 10 ** (scale - left.type.scale) + right.most * 10 ** (scale - right.type.scale)
        return _fitted(one + other if sign > 0 else one - other, scale, most)

    def product(self, left: Operand, right: Operand, scale: int) -> Operand:
        beyond = left.type.scale + right.type.scale - scale
        return _fitted(numeric(left) * numeric(right), scale, MOST + 1 if beyond else left.most * right.most)

    def quotient(self, left: Operand, right: Operand) -> Operand:
        divided = sa.cast(left.element, _SPACIOUS) / sa.func.nullif(numeric(right), _int(0), type_=sa.Numeric)
        return _fitted(divided, QUOTIENT_SCALE, MOST + 1)

    def widened(self, value: Operand, scale: int) -> Operand:
        if scale <= value.type.scale:
            return value
        return _fitted(numeric(value), scale, value.most * 10 ** (scale - value.type.scale))

    def stored(self, value: Operand, scale: int) -> Element:
        return sa.cast(value.element, sa.Numeric(MOST_DIGITS, scale))

    def compare_numbers(self, test: CompareOperator, left: Operand, right: Operand) -> Element:
        return TESTS[test](left.element, right.element)

    def by_code_point(self, text: Element) -> Element:
        return sa.collate(text, "C")

    def id_as_text(self, record: Element) -> Element:
        return sa.cast(record, sa.Text)

    def has_code(self, codes: Element, item: Element) -> Element:
        array = postgresql.ARRAY(sa.Text())
        return sa.type_coerce(codes, array).contains(sa.cast(postgresql.array([item]), array))

    def moved(
        self, value: Operand, sign: int, count: Operand, unit: str, setting: Setting, *, is_forgiving: bool
    ) -> Element:
        if is_forgiving:
            most = MANY_DAYS if unit == "days" else _MANY_MONTHS
            count = replace(count, element=_kept(numeric(count), f"@ >= -{most} && @ <= {most}", sa.Numeric()))
        months, days = (count.element, _int(0)) if unit == "months" else (_int(0), count.element)
        counts = (sa.cast(months, sa.Integer), sa.cast(days, sa.Integer))
        span = sa.func.make_interval(_int(0), counts[0], _int(0), counts[1], type_=sa.Interval)
        way = "+" if sign > 0 else "-"
        if value.type.sort == "date":
            return sa.cast(_shifted(value.element, way, span, is_forgiving=is_forgiving), sa.Date)
        wall = sa.func.timezone(setting.zone, value.element, type_=sa.DateTime)
        return sa.func.timezone(setting.zone, _shifted(wall, way, span, is_forgiving=is_forgiving), type_=Moment)

    def total(self, value: Operand, *, is_forgiving: bool) -> Element:
        scale = value.type.scale
        total = sa.func.coalesce(sa.func.sum(numeric(value)), _int(0))
        return sa.cast(total, sa.Numeric(MOST_DIGITS, scale))

    def mean(self, value: Operand, *, is_forgiving: bool) -> Element:
        total, count = sa.func.sum(numeric(value), type_=sa.Numeric), sa.func.count(value.element)
        return sa.cast(
            sa.cast(total, _SPACIOUS) / sa.func.nullif(count, _int(0), type_=sa.Numeric),
            sa.Numeric(MOST_DIGITS, QUOTIENT_SCALE),
        )

    def or_blank(self, value: Operand) -> Operand:
        element, kind = value.element, value.type
        if kind.sort == "number" and isinstance(element, sa.Cast) and _is_limited(element.type):
            places = value.type.scale
            rounded = sa.func.round(element.clause, _int(places), type_=sa.Numeric)
            limit = f"1e{MOST_DIGITS - places}"
            return replace(value, element=_kept(rounded, f"@ > -{limit} && @ < {limit}", sa.Numeric()))
        if kind.sort in ("date", "moment") and isinstance(element, (sa.Cast, sa.Function)):
            return replace(value, element=_kept(element, _IN_THE_CALENDAR, SQL_TYPES[kind.sort]))
        return value


def _is_limited(sql_type: sa.types.TypeEngine[Any]) -> bool:
    return isinstance(sql_type, sa.Numeric) and sql_type.precision == MOST_DIGITS


def _shifted(wall: Element, way: str, span: Element, *, is_forgiving: bool) -> Element:
    """Move a time on the wall. PostgreSQL's calendar begins in 4713 BC, too late to move back before it is looked at:
    so this is done 8,000 years later, where leap years fall alike.
    """
    if not is_forgiving:
        return wall.op(way, return_type=sa.DateTime())(span)
    later = wall.op("+", return_type=sa.DateTime())(_AGES).op(way, return_type=sa.DateTime())(span)
    return _kept(later, _IN_THE_LATER_CALENDAR, sa.DateTime()).op("-", return_type=sa.DateTime())(_AGES)


def _kept(element: Element, condition: str, sql_type: sa.types.TypeEngine[Any]) -> Element:
    """Keep a value for which a condition of SQL/JSON holds, and have blank for any other, on PostgreSQL.

    A CASE would write the value twice, and twice more at every level of nesting.
    """
    path: Element = sa.literal_column(f"'$ ? ({condition})'")
    found = sa.func.jsonb_path_query_first(sa.func.to_jsonb(element), sa.cast(path, postgresql.JSONPATH))
    if isinstance(sql_type, sa.Numeric):
        return sa.cast(found, sql_type)
    return sa.cast(sa.cast(found.op("#>>")(sa.literal_column("'{}'")), sa.Text), sql_type)


_IN_THE_CALENDAR = '@ like_regex "^[0-9]{4}-[^B]*$"'
"""A date or moment from the year 1 to 9999, as PostgreSQL writes it into JSON: not `10000-…`, and not `… BC`."""

_IN_THE_LATER_CALENDAR = (
    '@ like_regex "^(800[1-9]|80[1-9][0-9]|8[1-9][0-9]{2}|9[0-9]{3}|1[0-6][0-9]{3}|17[0-9]{3})-[^B]*$"'
)
"""The same 8,000 years later."""
_AGES: Element = sa.literal_column("interval '8000 years'", sa.Interval())
_MANY_MONTHS = 120_000
"""More months than there are between the years 1 and 9999."""

DIALECTS: Mapping[str, Dialect] = {"sqlite": Sqlite(), "postgresql": Postgresql()}


def _int(value: int) -> Element:
    """Write a small number of ours into the statement itself."""
    return sa.literal_column(str(value), sa.Integer())


def _fitted(element: Element, scale: int, most: int) -> Operand:
    """Have PostgreSQL round to the scale and refuse more than 18 digits, where that is not sure already."""
    if most <= MOST:
        return Operand(element, number(scale), most)
    return Operand(sa.cast(element, sa.Numeric(MOST_DIGITS, scale)), number(scale))
