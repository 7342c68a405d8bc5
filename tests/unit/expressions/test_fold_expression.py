"""what needs no record is worked out once, and what the tree means stays the same"""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest

from dougong.expressions.fold import fold, never_blank
from dougong.expressions.tree import Both, Compare, Conditional, In, Literal, Node, Not, Path
from dougong.expressions.types import BOOLEAN, DATE, MOMENT, TEXT, Type, number, record
from tests.unit.expressions.world import ME, SETTING, SOUTH, checked

NO, YES = Literal(value=False, type=BOOLEAN), Literal(value=True, type=BOOLEAN)
CLOSED = Path(("closed",), type=BOOLEAN)
PLACED = Path(("placed",), type=MOMENT)


def folded(text: str) -> Node:
    """Fold an expression, and forget where its pieces stood."""
    return _nowhere(fold(checked(text), SETTING))


def _nowhere(node: Node) -> Node:
    changed = {"at": 0}
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple) and all(dataclasses.is_dataclass(each) for each in value):
            changed[field.name] = tuple(_nowhere(each) for each in value)  # type: ignore[arg-type,assignment]
        elif dataclasses.is_dataclass(value) and not isinstance(value, Type):
            changed[field.name] = _nowhere(value)  # type: ignore[arg-type,assignment]
    return dataclasses.replace(node, **changed)  # type: ignore[arg-type]


def midnight(day: int) -> Literal:
    return Literal(dt.datetime(2026, 11, day - 1, 16, tzinfo=dt.UTC), type=MOMENT)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("today() + days(60)", Literal(dt.date(2027, 1, 21), type=DATE)),
        ("now()", Literal(SETTING.now, type=MOMENT)),
        ("me", Literal(ME, type=record("user"))),
        ("me.unit.name + '!'", Literal("North!", type=TEXT)),
        ("me.limit * 2", Literal(Decimal(2000), type=number(2))),
        ("me.boss == owner", NO),
        ("me.boss != owner", YES),
        (
            "owner == me",
            Compare("==", Path(("owner",), type=record("user")), Literal(ME, type=record("user")), type=BOOLEAN),
        ),
        ("title in me.roles", NO),
        ("title not in me.roles", YES),
        ("1 + 2 * 3 - 4 / 8", Literal(Decimal("6.5"), type=number(6))),
        ("amount + null", Literal(None, type=number(2))),
        ("due + days(null)", Literal(None, type=DATE)),
        ("lower(null)", Literal(None, type=TEXT)),
        ("contains(title, null)", NO),
        (
            "3 < amount",
            Compare(">", Path(("amount",), type=number(2)), Literal(Decimal(3), type=number(0)), type=BOOLEAN),
        ),
        ("true and closed", Both((CLOSED,), type=BOOLEAN)),
        ("false and closed", NO),
        ("closed or true", YES),
        ("false or not closed", Not(CLOSED, type=BOOLEAN)),
        ("not true", NO),
        ("(amount > 3) is null", NO),
        ("sum(lines.price) is not null", YES),
        ("me.name is null", NO),
        ("amount if me.name == 'Ada' else paid", Path(("amount",), type=number(2))),
        ("1 if true else 2.50", Literal(Decimal(1), type=number(2))),
        ("1 if me.name == 'Ada' else rate", Literal(Decimal(1), type=number(4))),
        ("'x' if me.name == 'Bo' else title", Path(("title",), type=TEXT)),
        ("null if me.name == 'Ada' else due", Literal(None, type=DATE)),
        ("false or false", NO),
        ("placed >= today()", Compare(">=", PLACED, midnight(22), type=BOOLEAN)),
        ("placed > today()", Compare(">=", PLACED, midnight(23), type=BOOLEAN)),
        ("placed < today()", Compare("<", PLACED, midnight(22), type=BOOLEAN)),
        ("today() >= placed", Compare("<", PLACED, midnight(23), type=BOOLEAN)),
    ],
)
def test_constant_is_worked_out(text: str, node: Node):
    assert folded(text) == node


def test_what_changes_nothing_is_left_out():
    assert folded("closed and true and (false or amount is null)") == folded("closed and amount is null")


def test_day_of_a_moment_becomes_a_range():
    same = Both(
        (
            Compare(">=", PLACED, midnight(22), type=BOOLEAN),
            Compare("<", PLACED, midnight(23), type=BOOLEAN),
        ),
        type=BOOLEAN,
    )
    assert folded("placed == today()") == same
    assert folded("placed != today()") == Not(same, type=BOOLEAN)


@pytest.mark.parametrize("text", ["placed > '9999-12-31'", "placed < '0001-01-01'"])
def test_days_at_the_ends_of_time_stay(text: str):
    assert isinstance(folded(text), Compare)


def test_blank_elements_leave_a_list():
    node = folded("owner in (me.boss, me)")
    assert isinstance(node, In)
    assert node.among == (Literal(ME, type=record("user")),)
    assert folded("owner in (me.boss,)") == NO
    assert folded("owner not in (me.boss,)") == YES


def test_branch_of_another_scale_stays_inside():
    assert isinstance(folded("text_of(pieces if true else 0.5)").arguments[0], Conditional)  # type: ignore[union-attr]


def test_what_overflows_is_left_to_the_database():
    node = folded("closed or 999999999999999999 * 1000 > amount")
    assert not isinstance(node, Literal)
    assert isinstance(folded("1000000000000 if true else 0.000001"), Conditional)
    assert isinstance(folded("1000000000000 if true else share"), Conditional)


def test_lists_of_me_stay_values():
    node = folded("owner.unit in me.units")
    assert isinstance(node, In)
    assert isinstance(node.among, Literal)
    assert SOUTH in node.among.value  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("amount", False),
        ("closed", False),
        ("1", True),
        ("null", False),
        ("amount > 1", True),
        ("contains(title, 'a')", True),
        ("coalesce(closed, false)", False),
        ("count(lines)", True),
        ("sum(lines.price)", True),
        ("avg(lines.price)", False),
        ("not closed", True),
        ("lower(title)", False),
    ],
)
def test_what_is_never_blank_is_known(text: str, *, sure: bool):
    assert never_blank(checked(text)) is sure
