"""the tree over columns, in SQL

A condition in a WHERE clause (`where`) is a bare comparison, which is NULL where something is blank, and so not true; a
negation is pushed inward until it stands at a comparison, where the blanks that make it true are added. A condition
that is selected as a value (`to_sql`) is made true or false. SQL and `evaluate` give the same, to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Protocol
from typing import Literal as OneOf

import sqlalchemy as sa

from dougong.base.sql_types import ExactDecimal
from dougong.expressions.dialects import DIALECTS, SQL_TYPES, TESTS, Dialect
from dougong.expressions.fold import fold, never_blank
from dougong.expressions.functions import FUNCTIONS, Function
from dougong.expressions.numbers import MOST, QUOTIENT_SCALE
from dougong.expressions.operands import Element, Operand
from dougong.expressions.setting import Setting
from dougong.expressions.tree import (
    Aggregate,
    Arithmetic,
    Both,
    Call,
    Compare,
    CompareOperator,
    Conditional,
    Either,
    In,
    IsNull,
    Literal,
    Negative,
    Node,
    Not,
    OrBlank,
    Path,
)
from dougong.expressions.types import BOOLEAN, Type, number

DialectName = OneOf["sqlite", "postgresql"]

_OPPOSITE: Mapping[CompareOperator, CompareOperator] = {
    "==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<",
}  # fmt: skip


class Columns(Protocol):
    """Where the columns of a record are, and of those it leads to.

    Following a lookup joins its table from the left, so that rows neither vanish nor multiply.
    """

    def column(self, names: tuple[str, ...], /) -> Element:
        """Give the column that a path leads to; NULL where a lookup on the way is blank."""

    def children(self, names: tuple[str, ...], /) -> tuple[sa.FromClause, sa.ColumnElement[bool], Columns]:
        """Give the lines that a path leads to: their table, how they belong to this record, and their columns.

        Those columns can add no joins to the table: what lies behind a lookup of a line is a scalar subquery.
        """


def to_sql(
    node: Node, columns: Columns, setting: Setting, dialect: DialectName, *, kind: Type | None = None
) -> Element:
    """Say a checked tree as a value, to be selected or sorted by; a condition is true or false, never NULL.

    With the `kind` of a field a number has its decimal places, and is blank where it does not fit them.
    """
    folded = fold(node, setting)
    if isinstance(folded, Literal) and isinstance(folded.value, Decimal):
        return sa.literal(folded.value, _Exact(folded.type.scale))
    operand = _Writer(columns, setting, DIALECTS[dialect]).value(folded)
    if folded.type.sort == "number" and kind is not None and kind.scale > operand.type.scale:
        operand = DIALECTS[dialect].or_blank(DIALECTS[dialect].widened(operand, kind.scale))
    if folded.type.sort == "number":
        return sa.type_coerce(operand.element, _Exact(operand.type.scale))
    if operand.is_plain or folded.type.sort == "blank":
        return operand.element
    return sa.type_coerce(operand.element, SQL_TYPES[folded.type.sort])


def to_column(node: Node, columns: Columns, setting: Setting, dialect: DialectName, *, kind: Type | None) -> Element:
    """Say a checked tree as a field of a type stores it: a number with the field's decimal places, if it fits."""
    if kind is None or kind.sort != "number":
        return to_sql(node, columns, setting, dialect)
    said = DIALECTS[dialect]
    operand = _Writer(columns, setting, said).value(fold(node, setting))
    return said.stored(operand, kind.scale)


def where(node: Node, columns: Columns, setting: Setting, dialect: DialectName) -> sa.ColumnElement[bool]:
    """Say a checked condition for a WHERE clause, such that indexes can be used; it is true for what holds."""
    return _Writer(columns, setting, DIALECTS[dialect]).holds(fold(node, setting))


def overflowed(error: sa.exc.DBAPIError) -> bool:
    """Whether a database refused a statement because a number or date in it grew too large."""
    state = getattr(error.orig, "sqlstate", None)
    # 22003 is a number, 22008 a moment out of range.
    return state in ("22003", "22008") or "user-defined function raised exception" in str(error.orig)


class _Exact(ExactDecimal):
    """An exact decimal, also where PostgreSQL gives an integer."""

    cache_ok = True

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        found = super().process_result_value(value, dialect)
        return None if found is None else Decimal(found)


class _Writer:
    """One walk over a folded tree."""

    def __init__(self, columns: Columns, setting: Setting, dialect: Dialect) -> None:
        self.columns = columns
        self.setting = setting
        self.dialect = dialect
        self.is_forgiving = False
        """What does not fit is blank."""
        self.values: Mapping[type, Callable[[Any], Operand]] = {
            Literal: lambda node: dialect.literal(node.value, node.type),
            Path: lambda node: dialect.column(columns.column(node.names), node.type),
            Negative: lambda node: dialect.negative(self.value(node.of)),
            Arithmetic: self.arithmetic,
            Conditional: self.conditional,
            Call: self.call,
            Aggregate: self.aggregate,
            OrBlank: self.or_blank,
        }
        self.holding: Mapping[type, Callable[[Any], Element]] = {
            Literal: lambda node: sa.true() if node.value else sa.false(),
            Compare: self.compare,
            In: self.is_in,
            IsNull: self.is_null,
            Both: lambda node: sa.and_(*map(self.holds, node.parts)),
            Either: lambda node: sa.or_(*map(self.holds, node.parts)),
            Not: lambda node: self.fails(node.of),
        }
        self.failing: Mapping[type, Callable[[Any], Element]] = {
            Literal: lambda node: sa.false() if node.value else sa.true(),
            Compare: lambda node: self.compare(replace(node, operator=_OPPOSITE[node.operator]), negates=True),
            In: lambda node: self.is_in(replace(node, negated=not node.negated)),
            IsNull: lambda node: self.is_null(replace(node, negated=not node.negated)),
            Both: lambda node: sa.or_(*map(self.fails, node.parts)),
            Either: lambda node: sa.and_(*map(self.fails, node.parts)),
            Not: lambda node: self.holds(node.of),
        }

    def value(self, node: Node) -> Operand:
        """Say a node as a value."""
        say = self.values.get(type(node))
        if say is not None:
            return say(node)
        return Operand(self.holds(node).is_(sa.true()), BOOLEAN)

    def or_blank(self, node: OrBlank) -> Operand:
        """Say a part such that it is blank where it does not fit."""
        before, self.is_forgiving = self.is_forgiving, True
        operand = self.value(node.of)
        self.is_forgiving = before
        return self.dialect.or_blank(operand)

    def holds(self, node: Node) -> sa.ColumnElement[bool]:
        """Say a condition such that it is true where it holds, and false or NULL elsewhere."""
        say = self.holding.get(type(node))
        return say(node) if say is not None else self.value(node).element

    def fails(self, node: Node) -> sa.ColumnElement[bool]:
        """Say a condition such that it is true where it does not hold, and false or NULL elsewhere."""
        say = self.failing.get(type(node))
        return say(node) if say is not None else self.value(node).element.is_not(sa.true())

    def blank(self, node: Node, operand: Operand) -> list[Element]:
        """Say that a value is blank, unless it cannot be."""
        required = (
            isinstance(node, Path) and len(node.names) == 1 and getattr(operand.element, "nullable", True) is False
        )
        return [] if never_blank(node) or required else [operand.element.is_(None)]

    def compare(self, node: Compare, *, negates: bool = False) -> Element:
        """Compare; a negated comparison, which `!=` always is, also holds where a side is blank."""
        left, right = self.value(node.left), self.value(node.right)
        if not negates and node.operator != "!=":
            return self.compared(node, node.operator, left, right)
        if negates and node.operator == "==":
            return self.compared(node, "==", left, right)
        if left.is_plain and right.is_plain:
            blanks = self.blank(node.left, left) + self.blank(node.right, right)
            return sa.or_(self.compared(node, node.operator, left, right), *blanks)
        # Written twice, an operand could double at every level of nesting.
        return self.compared(node, _OPPOSITE[node.operator], left, right).is_not(sa.true())

    def compared(self, node: Compare, test: CompareOperator, left: Operand, right: Operand) -> Element:
        """Put two operands beside an operator."""
        if left.type.sort == "number":
            if isinstance(node.right, Literal) and isinstance(node.right.value, Decimal):
                return self.dialect.compare_with(test, left, node.right.value)
            return self.dialect.compare_numbers(test, left, right)
        one, other = left.element, right.element
        if left.type.sort == "text" and right.type.sort == "text" and test not in ("==", "!="):
            return TESTS[test](self.dialect.by_code_point(one), self.dialect.by_code_point(other))
        if {left.type.sort, right.type.sort} == {"record", "text"}:
            one, other = (
                self.dialect.id_as_text(side.element) if side.type.sort == "record" else side.element
                for side in (left, right)
            )
        return TESTS[test](one, other)

    def is_in(self, node: In) -> Element:
        """Ask whether a value is one of several."""
        item = self.value(node.item)
        if not isinstance(node.among, tuple) and not isinstance(node.among, Literal):
            found = self.dialect.has_code(self.value(node.among).element, item.element)
            return found.is_not(sa.true()) if node.negated else found
        known = self.known(node, item)
        if known is not None:
            return self.in_known(node, item, known)
        found = self.in_columns(node, item)
        return found.is_not(sa.true()) if node.negated else found

    def known(self, node: In, item: Operand) -> list[Any] | None:
        """Give the values of a list as the item's column holds them, or None if some are not known."""
        if isinstance(node.among, Literal):
            values: Sequence[Any] = node.among.value or ()  # type: ignore[assignment]  # these are codes
        else:
            values = [element.value for element in node.among if isinstance(element, Literal)]  # type: ignore[union-attr]
            if len(values) < len(node.among):  # type: ignore[arg-type]
                return None
        step = self.dialect.step_of(item) if item.type.sort == "number" else None
        if step is None:
            return list(values)
        counted = [value.scaleb(step) for value in values]
        return [int(value) for value in counted if value == int(value) and abs(value) <= MOST]

    def in_known(self, node: In, item: Operand, values: list[Any]) -> Element:
        """Ask whether a value is one of several known ones."""
        if item.type.sort != "number":
            sql_type = SQL_TYPES[item.type.sort]
        else:
            sql_type = sa.BigInteger() if self.dialect.step_of(item) is not None else sa.Numeric()
        among = sa.bindparam("among", values, type_=sql_type, unique=True, expanding=True)
        if not node.negated:
            return item.element.in_(among)
        if item.is_plain:
            return sa.or_(item.element.not_in(among), *self.blank(node.item, item))
        return item.element.in_(among).is_not(sa.true())

    def in_columns(self, node: In, item: Operand) -> Element:
        """Ask whether a value is one of several of which some stand in columns."""
        elements = node.among if isinstance(node.among, tuple) else (node.among,)
        if item.is_plain:
            same = [Compare("==", node.item, element, node.at, BOOLEAN) for element in elements]
            return sa.or_(*map(self.compare, same))
        operands = [self.value(element) for element in elements]
        if item.type.sort == "number":
            scale = max(operand.type.scale for operand in (item, *operands))
            item, *operands = (self.dialect.widened(operand, scale) for operand in (item, *operands))
        return item.element.in_([operand.element for operand in operands])

    def is_null(self, node: IsNull) -> Element:
        """Ask whether a value is blank."""
        if never_blank(node.of):
            return sa.true() if node.negated else sa.false()
        element = self.value(node.of).element
        return element.is_not(None) if node.negated else element.is_(None)

    def arithmetic(self, node: Arithmetic) -> Operand:
        """Compute, join or move."""
        left = self.value(node.left)
        if isinstance(node.right, Call) and node.right.type.sort == "span":
            return self.moved(node, left, node.right)
        right = self.value(node.right)
        if node.type.sort == "text":
            return Operand(sa.type_coerce(left.element, sa.Text()).concat(right.element), node.type)
        match node.operator:
            case "+":
                return self.dialect.sum(1, left, right, node.type.scale)
            case "-":
                return self.dialect.sum(-1, left, right, node.type.scale)
            case "*":
                return self.dialect.product(left, right, node.type.scale)
            case "/":
                return self.dialect.quotient(left, right)

    def moved(self, node: Arithmetic, left: Operand, span: Call) -> Operand:
        """Move a date or moment by a span."""
        unit = "days" if span.function == "days" else "months"
        count = self.applied(span, FUNCTIONS[span.function])
        sign = 1 if node.operator == "+" else -1
        return Operand(
            self.dialect.moved(left, sign, count, unit, self.setting, is_forgiving=self.is_forgiving), node.type
        )

    def conditional(self, node: Conditional) -> Operand:
        """Choose between two values; a chain of `else` is one choice between several."""
        conditions: list[Element] = []
        values: list[Node] = []
        rest: Node = node
        while isinstance(rest, Conditional):
            conditions.append(self.holds(rest.condition))
            values.append(rest.then)
            rest = rest.otherwise
        *chosen, otherwise = self.alike([*values, rest], node.type)
        branches = zip(conditions, [operand.element for operand in chosen], strict=True)
        most = max(operand.most for operand in (*chosen, otherwise))
        return Operand(sa.case(*branches, else_=otherwise.element), node.type, most)

    def alike(self, nodes: Sequence[Node], wanted: Type) -> list[Operand]:
        """Say values of which one will be chosen; numbers all with the same decimal places."""
        operands = [self.value(node) for node in nodes]
        if wanted.sort != "number":
            return operands
        widened = [self.dialect.widened(operand, wanted.scale) for operand in operands]
        if self.is_forgiving:
            widened = [self.dialect.or_blank(operand) for operand in widened]
        return [replace(operand, element=self.dialect.exact_number(operand)) for operand in widened]

    def call(self, node: Call) -> Operand:
        """Apply a function; one that answers yes or no says no for a blank."""
        function = FUNCTIONS[node.function]
        found = self.applied(node, function)
        if node.type.sort == "boolean" and not function.takes_blanks:
            return replace(found, element=found.element.is_(sa.true()))
        return found

    def applied(self, node: Call, function: Function) -> Operand:
        """Apply a function to its arguments."""
        if function.unifies:
            operands = self.alike(node.arguments, node.type)
        else:
            operands = [self.value(argument) for argument in node.arguments]
        apply = function.sqlite if self.dialect.name == "sqlite" else function.postgresql
        return Operand(apply(node, self.setting, *operands), node.type, function.most)

    def aggregate(self, node: Aggregate) -> Operand:
        """Compute over the children of a record, in a query of its own."""
        lines, joined, columns = self.columns.children(node.children)
        inner = _Writer(columns, self.setting, self.dialect)
        inner.is_forgiving = self.is_forgiving
        conditions = [joined]
        if node.function == "count":
            conditions += [] if node.of is None else [inner.holds(node.of)]
            total = Operand(sa.func.count(), node.type)
        else:
            total = inner.total(node, inner.value(node.of))  # type: ignore[arg-type]  # only count has none
        if self.is_forgiving:
            total = self.dialect.or_blank(total)
        query = sa.select(total.element).select_from(lines).where(*conditions).correlate_except(lines)
        return replace(total, element=query.scalar_subquery())

    def total(self, node: Aggregate, value: Operand) -> Operand:
        """Bring the values of many rows together."""
        match node.function:
            case "sum":
                return Operand(self.dialect.total(value, is_forgiving=self.is_forgiving), value.type)
            case "avg":
                mean = self.dialect.mean(value, is_forgiving=self.is_forgiving)
                return Operand(mean, number(QUOTIENT_SCALE))
            case _:
                return self.chosen(node, value)

    def chosen(self, node: Aggregate, value: Operand) -> Operand:
        """Pick the smallest or largest value of many rows."""
        element = self.dialect.by_code_point(value.element) if value.type.sort == "text" else value.element
        chosen = sa.func.min(element) if node.function == "min" else sa.func.max(element)
        return Operand(chosen, value.type, value.most)
