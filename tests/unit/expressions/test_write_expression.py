"""what is written is read as the same tree"""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from dougong.expressions.errors import ExpressionError
from dougong.expressions.fold import fold
from dougong.expressions.tree import Literal, Node
from dougong.expressions.types import CODES, Type
from dougong.expressions.write import Unwritable, literal, write
from tests.integration.expressions.drawn import expressions
from tests.unit.expressions.world import SETTING, checked


def nowhere(node: Node) -> Node:
    """Forget where the pieces of a tree stood."""
    changed = {"at": 0}
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple) and all(dataclasses.is_dataclass(each) for each in value):
            changed[field.name] = tuple(nowhere(each) for each in value)  # type: ignore[arg-type,assignment]
        elif dataclasses.is_dataclass(value) and not isinstance(value, Type):
            changed[field.name] = nowhere(value)  # type: ignore[arg-type,assignment]
    return dataclasses.replace(node, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "amount",
        "-(amount + 1.50) * -2",
        "amount - (paid - rate)",
        "(amount + 1) / (paid * 2)",
        "customer.owner.name == me.name",
        'title in ("a", "b") and title not in ["c"]',
        '"x" in tags or closed and not (due is null or due < "2026-01-02")',
        "not not closed",
        "(amount > 3) is not null",
        "amount if closed else (paid if due is null else rate)",
        "(amount if closed else paid) + 1",
        "sum(lines.price * lines.quantity)",
        "count(lines)",
        "count(lines.done and not lines.price > 3)",
        "sum(lines.product.weight)",
        "placed + days(3) - months(pieces) < now()",
        "round(amount * rate, 2) == 1.00",
        r'concat(title, "a\"b\\c\n…斗拱😀\u0001")',
        "coalesce(due, begun, today())",
        'placed >= "2026-11-22T08:30:00.250Z"',
        'owner == "01a00000-0000-7000-8000-000000000001"',
    ],
)
def test_text_is_read_as_the_same_tree(text: str) -> None:
    tree = checked(text)
    assert nowhere(checked(write(tree))) == nowhere(tree)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_drawn_expressions_are_read_as_the_same_tree(data: st.DataObject) -> None:
    try:
        tree = checked(data.draw(expressions(("boolean", "number", "text", "date"), 4)))
    except ExpressionError:
        reject()
    assert nowhere(checked(write(tree))) == nowhere(tree)
    try:
        folded = write(fold(tree, SETTING))
    except Unwritable:
        reject()
    # What folding left may be bracketed more than it needs; read once, it is written the same for ever.
    # A day inside a conditional reads as a text where nothing says that it is a day: that is refused, never misread.
    try:
        once = write(checked(folded))
    except ExpressionError:
        reject()
    assert write(checked(once)) == once


def test_aggregate_that_became_a_constant_is_not_written() -> None:
    tree = fold(checked('count(lines.done and (today() not in ["2026-11-22"]))'), SETTING)
    with pytest.raises(Unwritable, match="which lines"):
        write(tree)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (Decimal("-1.50"), "-1.50"),
        (Decimal("-0"), "0"),
        (dt.date(2026, 1, 2), '"2026-01-02"'),
        (dt.datetime(2026, 1, 2, 3, tzinfo=dt.UTC), '"2026-01-02T03:00:00.000Z"'),
        ('a"b', r'"a\"b"'),
    ],
)
def test_values_are_written_as_literals(value: object, text: str) -> None:
    assert literal(value) == text  # type: ignore[arg-type]


def test_several_codes_cannot_be_written() -> None:
    with pytest.raises(Unwritable):
        write(Literal(("a", "b"), type=CODES))
