"""what expressions give in Python: blanks, exact numbers, dates and zones"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
from decimal import Decimal
from typing import Any, get_args

import pytest

from dougong.expressions import check, evaluate, functions, tree
from dougong.expressions.errors import Overflow
from dougong.expressions.numbers import MOST
from dougong.expressions.setting import NO_RECORD, Setting
from tests.unit.expressions.world import BOSS, ME, NORTH, SETTING, Held, checked, value

D = Decimal
DAY = dt.date(2026, 11, 22)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def constant(text: str, setting: Setting = SETTING) -> Any:
    return evaluate.evaluate(checked(text, None), NO_RECORD, setting)


BLANK_TABLE = [
    # expression, amount, paid, value
    ("amount == paid", None, None, False),
    ("amount == paid", None, D(1), False),
    ("amount == paid", D("1.0"), D("1.00"), True),
    ("amount != paid", None, None, True),
    ("amount != paid", None, D(1), True),
    ("amount != paid", D(1), D(1), False),
    ("amount < paid", None, D(1), False),
    ("amount >= paid", D(1), None, False),
    ("not amount < paid", None, D(1), True),
    ("not amount == paid", None, None, True),
    ("amount != 3", None, None, True),
    ("amount in (1, paid)", None, None, False),
    ("amount in (1, paid)", D(2), None, False),
    ("amount in (1, paid)", D(2), D("2.00"), True),
    ("amount not in (1, 2)", None, None, True),
    ("amount not in (1, 2)", D(2), None, False),
    ("amount is null", None, None, True),
    ("amount is not null", None, None, False),
    ("amount + paid is null", D(1), None, True),
    ("amount + paid", D(1), None, None),
    ("amount * paid", None, D(1), None),
    ("amount / paid", D(1), D(0), None),
    ("-amount", None, None, None),
    ("amount > 1 and paid > 1", D(2), None, False),
    ("amount > 1 or paid > 1", D(2), None, True),
    ("1 if amount > 1 else 2", None, None, D(2)),
    ("amount if paid is null else paid", D(4), None, D(4)),
    ("1 < amount < 3", None, None, False),
    ("1 < amount < 3", D(2), None, True),
    ("coalesce(amount, paid)", None, None, None),
    ("coalesce(amount, paid, 0)", None, None, D(0)),
]


@pytest.mark.parametrize(("text", "amount", "paid", "expected"), BLANK_TABLE)
def test_blank_has_its_meaning(text: str, amount: Any, paid: Any, expected: Any):
    found = value(text, amount=amount, paid=paid)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("customer.active", None),
        ("not customer.active", True),
        ("customer.active or false", False),
        ("customer.active == false", False),
        ("customer.active != false", True),
        ("1 if customer.active else 2", D(2)),
        ("customer == me", False),
        ("customer.owner == owner", False),
        ("customer.name is null", True),
        ("'a' in customer.tags", False),
        ("'a' not in customer.tags", True),
        ("title in tags", False),
        ("contains(title, 'a')", False),
        ("not contains(title, 'a')", True),
        ("length_of(title)", None),
        ("title + 'a'", None),
        ("concat(title, 'a')", "a"),
        ("concat(title, code)", None),
        ("due + days(1)", None),
        ("'2026-11-22' + days(pieces)", None),
        ("sum(lines.price)", D(0)),
        ("count(lines)", D(0)),
        ("avg(lines.price)", None),
        ("min(lines.due)", None),
        ("count(customer.orders)", D(0)),
        ("me.boss == owner", False),
        ("me.boss != owner", True),
    ],
)
def test_blank_record_and_blank_lookups(text: str, expected: Any):
    record: dict[str, Any] = {"owner": Held(id=BOSS)} if "me.boss" in text else {}
    if text == "customer == me":
        text = "customer.owner == me"
    assert value(text, **record) == expected


@pytest.mark.parametrize("name", ["title", "tags"])
def test_empty_is_blank(name: str):
    empty: Any = "" if name == "title" else ()
    assert value(f"{name} is null", **{name: empty}) is True
    assert value("trim(title) is null", title="  \t\u3000") is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1 + 0.2", "0.3"),
        ("0.1 + 0.2 == 0.3", True),
        ("1.10 * 1.10", "1.2100"),
        ("0.333333 * 0.333333", "0.111111"),
        ("0.000001 * 0.5", "0.000001"),
        ("-0.000001 * 0.5", "-0.000001"),
        ("0.000001 * 0.499999", "0"),
        ("0.12345678 * 2", "0.24691356"),
        ("0.12345678 * 0.5", "0.06172839"),
        ("2 / 3", "0.666667"),
        ("-2 / 3", "-0.666667"),
        ("1 / 8000000", "0"),
        ("1 / 2000000", "0.000001"),
        ("-1 / 2000000", "-0.000001"),
        ("1 / 2000001", "0"),
        ("1 / 3 * 3", "0.999999"),
        ("10 / 4", "2.5"),
        ("1 / 0", None),
        ("0 / 5", "0"),
        ("999999999999 / 1", "999999999999"),
        ("0.000000000000000001 / 0.000000000000000003", "0.333333"),
        ("999999999999999999 - 1", "999999999999999998"),
        ("-999999999999999999 + 0", "-999999999999999999"),
        ("999999999.999999999 * 0.000000001", "1.000000000"),
        ("round(0.5)", "1"),
        ("round(-0.5)", "-1"),
        ("round(1.5)", "2"),
        ("round(2.5)", "3"),
        ("round(0.4999999)", "0"),
        ("round(2.345, 2)", "2.35"),
        ("round(-2.345, 2)", "-2.35"),
        ("round(2.3, 5)", "2.3"),
        ("floor(-1.000001)", "-2"),
        ("ceil(1.000001)", "2"),
        ("floor(2)", "2"),
        ("ceil(-0.9)", "0"),
        ("abs(-1.50)", "1.50"),
        ("text_of(1.50)", "text 1.50"),
        ("text_of(-0.5 * 0)", "text 0.0"),
        ("text_of(ceil(-0.9))", "text 0"),
        ("text_of(1 / 3)", "text 0.333333"),
        ("text_of(0.000000000000000001)", "text 0.000000000000000001"),
        ("text_of(1000000)", "text 1000000"),
        ("2.5 in (1, 2.50)", True),
    ],
)
def test_numbers_are_exact(text: str, expected: Any):
    found = constant(text)
    if isinstance(expected, str) and expected.startswith("text "):
        assert found == expected.removeprefix("text ")
    else:
        assert found == (D(expected) if isinstance(expected, str) else expected)


@pytest.mark.parametrize(
    "text",
    [
        "999999999999999999 + 1",
        "-999999999999999999 - 1",
        "1000000000 * 1000000000",
        "999999999999999999 / 0.1",
        "1000000000000 / 1",
        "999999999999999999 + 0.1",
        "99999999999999999.9 * 0.1 + 999999999999999999",
        "round(999999999999999999 * 0.1, 0) * 100",
        "1000000000000 if true else 0.000001",
        "coalesce(1000000000000, 0.000001)",
        "'9999-12-31' + days(1)",
        "'0001-01-01' - days(1)",
        "'2026-11-22' + years(999999999999999999)",
        "'2026-11-22' + days(999999999999999999)",
        "'2026-11-22' - months(24313)",
        "now() + years(8000)",
        "now() - days(800000)",
        "date_of('9999-12-31T23:00:00Z')",
    ],
)
def test_what_does_not_fit_is_an_error(text: str):
    with pytest.raises(Overflow):
        constant(text)


def test_what_just_fits_is_no_error():
    assert constant("999999999999999998 + 1") == MOST
    assert constant("1000000000 * 999999999") == 999999999000000000
    assert constant("'9999-12-30' + days(1)") == dt.date.max
    assert constant("'0001-01-02' - days(1)") == dt.date.min


def test_sum_may_pass_what_it_does_not_end_at():
    lines = [Held(quantity=D(MOST)), Held(quantity=D(MOST)), Held(quantity=D(-MOST))]
    assert value("sum(lines.quantity)", lines=lines) == MOST
    with pytest.raises(Overflow):
        value("sum(lines.quantity)", lines=lines[:2])


def test_joined_text_is_bounded():
    long = "x" * 50_000
    assert value("length_of(title + code)", title=long, code=long) == 100_000
    with pytest.raises(Overflow):
        value("title + code", title=long, code=long + "x")
    with pytest.raises(Overflow):
        value("concat(title, code)", title=long, code=long + "x")


def test_numbers_do_not_hang_on_the_context_of_the_thread():
    with decimal.localcontext(prec=3, rounding=decimal.ROUND_DOWN):
        assert constant("123456789.123456 * 1000.5") == D("123518517518.017728")
        assert constant("-123456.78 + 0.001") == D("-123456.779")
        assert constant("2 / 3") == D("0.666667")
        assert constant("abs(-123456.78)") == D("123456.78")
        assert constant("floor(123456.78)") == D("123456")
        assert constant("-(0 - 123456.78)") == D("123456.78")


@pytest.mark.parametrize("wrong", [1.5, True, "1"])
def test_other_numbers_are_refused(wrong: object):
    with pytest.raises(TypeError, match="Decimal and int"):
        value("amount + 1", amount=wrong)


def test_whole_numbers_of_a_record_may_be_int():
    assert value("pieces / 4", pieces=10) == D("2.5")
    assert isinstance(value("pieces", pieces=10), D)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'2026-01-31' + months(1)", "2026-02-28"),
        ("'2024-01-31' + months(1)", "2024-02-29"),
        ("'2024-02-29' + years(1)", "2025-02-28"),
        ("'2024-02-29' - months(12)", "2023-02-28"),
        ("'2026-03-31' - months(1)", "2026-02-28"),
        ("'2026-01-31' + months(1) + months(1)", "2026-03-28"),
        ("'2026-01-15' - months(13)", "2024-12-15"),
        ("'2026-12-31' + days(1)", "2027-01-01"),
        ("today() - days(22)", "2026-10-31"),
        ("start_of_month(today() + months(1)) - days(1)", "2026-11-30"),
        ("date_of(now())", "2026-11-22"),
        ("date_of('2026-11-21T16:00:00Z')", "2026-11-22"),
        ("date_of('2026-11-21T15:59:59.999Z')", "2026-11-21"),
    ],
)
def test_dates_move(text: str, expected: str):
    assert constant(text) == day(expected)


@pytest.mark.parametrize(
    ("zone", "text", "expected"),
    [
        ("Europe/Berlin", "'2026-03-28T08:00:00Z' + days(1)", "2026-03-29T07:00:00Z"),
        ("Europe/Berlin", "'2026-03-28T01:30:00Z' + days(1)", "2026-03-29T01:30:00Z"),
        ("Europe/Berlin", "'2026-10-24T00:30:00Z' + days(1)", "2026-10-25T01:30:00Z"),
        ("Europe/Berlin", "'2026-01-31T23:30:00Z' + months(1)", "2026-02-28T23:30:00Z"),
        ("Asia/Shanghai", "'2026-01-31T20:00:00Z' + months(1)", "2026-02-28T20:00:00Z"),
        ("UTC", "'2026-01-31T20:00:00.123Z' - months(2)", "2025-11-30T20:00:00.123Z"),
    ],
)
def test_moments_move_on_the_clock_of_the_zone(zone: str, text: str, expected: str):
    assert constant(text, dataclasses.replace(SETTING, zone=zone)) == moment(expected)


def test_now_is_cut_to_the_millisecond():
    assert constant("now()") == moment("2026-11-22T02:29:28.123Z")
    with pytest.raises(ValueError, match="no zone"):
        Setting(DAY, dt.datetime(2026, 11, 22))  # noqa: DTZ001 # that is the point


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("placed == today()", True),
        ("placed > today()", False),
        ("placed >= today()", True),
        ("placed < today() + days(1)", True),
        ("year_of(placed) == 2026", True),
        ("days_between(placed, '2026-12-22')", D(30)),
        ("placed in ('2026-11-21T16:00:00Z',)", True),
        ("placed in ('2026-11-22', due)", True),
        ("placed == '2026-11-22'", True),
        ("placed > '2026-11-21' and placed < '2026-11-23'", True),
        ("placed < '2026-11-22'", False),
    ],
)
def test_moment_counts_as_its_day_in_the_zone(text: str, expected: Any):
    assert value(text, placed=moment("2026-11-21T16:00:00Z")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title < 'b'", True),
        ("title < 'A'", False),
        ("'Z' < 'a'", True),
        ("'斗' < '\U0001f600'", True),
        ("lower('ÄB') == 'Äb'", True),
        ("upper('äb') == 'äB'", True),
        ("contains('Blue Bird', 'BIRD')", True),
        ("contains('ÄB', 'ä')", False),
        ("starts_with('50% off', '50%')", True),
        ("contains('50 off', '%')", False),
        ("ends_with('a_b', '_B')", True),
        ("length_of('\U0001f600斗')", D(2)),
        (r"trim('\u3000 a b\n')", "a b"),
        ("concat('a', null, 'b', '')", "ab"),
        ("title == 'a'", True),
        ("title == 'A'", False),
        ("'x' in tags", True),
        ("title in tags", False),
        ("'z' not in tags", True),
    ],
)
def test_text_is_compared_by_code_point(text: str, expected: Any):
    assert value(text, title="a", tags=("x", "y")) == expected


def test_me_is_asked_only_when_wanted():
    asked: list[str] = []
    setting = dataclasses.replace(SETTING, me={(): ME, ("unit",): lambda: asked.append("unit") or NORTH})
    node = checked("owner == me or owner.unit == me.unit")
    assert evaluate.evaluate(node, Held(owner=Held(id=ME)), setting) is True
    assert asked == []
    assert evaluate.evaluate(node, Held(owner=Held(id=BOSS, unit=Held(id=NORTH))), setting) is True
    assert asked == ["unit"]


def test_me_in_its_lists_and_numbers():
    boss = Held(id=BOSS, unit=Held(id=NORTH))
    assert value("owner.unit in me.units", owner=boss) is True
    assert value("'chief' in me.roles", owner=boss) is False
    assert value("amount <= me.limit", amount=D("999.99")) is True
    assert value("me.unit.name + '!'") == "North!"


LINES = [
    Held(price=D("2.10"), quantity=3, discount=D("0.1"), due=day("2026-02-01"), done=True, label="b"),
    Held(price=D("0.05"), quantity=1, discount=None, due=None, done=False, label="B"),
    Held(price=None, quantity=7, discount=D(0), due=day("2026-01-01"), done=None, label=None),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(lines)", D(3)),
        ("count(lines.done)", D(1)),
        ("count(not lines.done)", D(2)),
        ("count(lines.price > 1)", D(1)),
        ("count(lines.price is not null)", D(2)),
        ("sum(lines.price)", D("2.15")),
        ("sum(lines.price * lines.quantity)", D("6.35")),
        ("sum(lines.price * lines.quantity * (1 - lines.discount))", D("5.67")),
        ("avg(lines.price)", D("1.075")),
        ("avg(lines.quantity)", D("3.666667")),
        ("min(lines.due)", day("2026-01-01")),
        ("max(lines.due)", day("2026-02-01")),
        ("min(lines.label)", "B"),
        ("max(lines.price)", D("2.10")),
        ("sum(lines.price if lines.done else 0)", D("2.10")),
        ("sum(lines.quantity) > 10 and count(lines) == 3", True),
        ("sum(lines.price * me.limit)", D("2150.0000")),
    ],
)
def test_aggregates_over_lines(text: str, expected: Any):
    assert value(text, lines=LINES) == expected


def test_lines_behind_a_lookup():
    customer = Held(orders=[Held(amount=D(1)), Held(amount=D(2))])
    assert value("sum(customer.orders.amount)", customer=customer) == D(3)


def test_conditions_stop_when_they_are_decided():
    assert value("closed or 1000000000 * vast > 1", closed=True, vast=10**12) is True
    assert value("closed and 1000000000 * vast > 1", closed=False, vast=10**12) is False
    assert value("1 if closed else 1000000000 * vast", closed=True, vast=10**12) == 1
    assert value("coalesce(pieces, 1000000000 * vast)", pieces=5, vast=10**12) == 5


def test_evaluator_is_compiled_once_for_many_records():
    run = evaluate.evaluator(checked("amount * 2"))
    assert [run(Held(amount=amount), SETTING) for amount in (D(1), None, D("1.5"))] == [D(2), None, D(3)]


def test_constant_has_no_record():
    for reach in (NO_RECORD.get, NO_RECORD.children):
        with pytest.raises(LookupError, match="no record"):
            reach(("amount",))


def test_years_at_the_ends_of_time():
    setting = dataclasses.replace(SETTING, zone="Asia/Shanghai")
    assert constant("date_of('0001-01-01T00:00:00Z')", setting) == dt.date.min
    with pytest.raises(Overflow):
        constant("'0001-01-01T00:00:00Z' - days(1)", setting)


def test_every_sort_of_node_has_its_place():
    nodes = set(get_args(tree.Node))
    assert set(evaluate._BY_CLASS) == nodes
    # What may be blank is wrapped only after it was checked.
    assert set(check._Check(None, None).by_class) == nodes - {tree.OrBlank}  # type: ignore[arg-type]
    assert set(tree._PARTS) == nodes


def test_every_function_is_evaluated_by_its_example():
    for function in functions.FUNCTIONS.values():
        assert constant(function.example) is not None
        assert function.name in function.example
