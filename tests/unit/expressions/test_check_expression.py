"""names and types are known before anything runs, and an author is told what is wrong with them"""

from __future__ import annotations

import datetime as dt

import pytest

from dougong.expressions.check import check, is_volatile, own_record_only, references
from dougong.expressions.errors import ExpressionError
from dougong.expressions.parse import parse
from dougong.expressions.tree import Aggregate, Arithmetic, Call, Compare, Conditional, In, Literal, Path
from dougong.expressions.types import (
    BLANK,
    BOOLEAN,
    CODES,
    DATE,
    MOMENT,
    TEXT,
    WHOLE,
    Type,
    number,
    record,
)
from tests.unit.expressions.world import ME, World, checked


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("title", TEXT),
        ("amount", number(2)),
        ("customer", record("customer")),
        ("customer.owner.unit", record("unit")),
        ("tags", CODES),
        ("me", record("user")),
        ("me.unit.name", TEXT),
        ("null", BLANK),
        ("amount + rate", number(4)),
        ("pieces - 1.5", number(1)),
        ("amount * pieces", number(2)),
        ("amount * rate", number(6)),
        ("amount * rate * share", number(6)),
        ("0.12345678 * amount", number(8)),
        ("pieces / 3", number(6)),
        ("-share", number(6)),
        ("null + amount", number(2)),
        ("title + 'x'", TEXT),
        ("title + null", TEXT),
        ("due + days(3)", DATE),
        ("days(3) + due", DATE),
        ("placed - months(1)", MOMENT),
        ("'2026-11-22' + years(1)", DATE),
        ("amount > 3", BOOLEAN),
        ("amount is null and not closed or false", BOOLEAN),
        ("amount if closed else rate", number(4)),
        ("null if closed else due", DATE),
        ("'2026-11-22' if closed else due", DATE),
        ("placed if closed else due", DATE),
        ("customer.owner if closed else me", record("user")),
        ("round(amount)", WHOLE),
        ("round(amount, 1)", number(1)),
        ("round(amount, 9)", number(2)),
        ("floor(share)", WHOLE),
        ("abs(share)", number(6)),
        ("coalesce(null, amount, rate)", number(4)),
        ("coalesce(placed, now())", MOMENT),
        ("coalesce(due, '2026-11-22')", DATE),
        ("year_of(placed)", WHOLE),
        ("sum(lines.price)", number(2)),
        ("sum(lines.price * lines.quantity * (1 - lines.discount))", number(6)),
        ("count(lines)", WHOLE),
        ("count(lines.done)", WHOLE),
        ("avg(lines.quantity)", number(6)),
        ("min(lines.due)", DATE),
        ("max(lines.label)", TEXT),
        ("sum(customer.orders.amount)", number(2)),
    ],
)
def test_type_is_found(text: str, kind: Type):
    assert checked(text).type == kind


@pytest.mark.parametrize(
    ("text", "at", "message", "hint"),
    [
        ("amuont > 1", 0, "object 'order' has no field 'amuont'", "did you mean 'amount'?"),
        ("customer.nmae", 9, "object 'customer' has no field 'nmae'", "did you mean 'name'?"),
        ("amount.x", 7, "'amount' has no 'x'", "'amount' is no lookup"),
        ("me.untis", 3, "object 'user' has no field 'untis'", "did you mean 'units'?"),
        ("me.skills", 3, "'skills' are many", ""),
        ("today > due", 0, "object 'order' has no field 'today'", "a function is called with brackets: today()"),
        ("nwo()", 0, "there is no function 'nwo'", "did you mean 'now'?"),
        ("amount", 0, "this gives a number, but true or false is wanted", "say > 0 or is not null"),
        ("title and closed", 0, "this gives a text, but true or false is wanted", 'say == "…" or is not null'),
        ("not due", 4, "this gives a date, but true or false is wanted", "say is not null"),
        ("1 if title else 2", 5, "this gives a text, but true or false is wanted", 'say == "…" or is not null'),
        ("amount == null", 10, "a comparison with blank is never true", "say 'is null' or 'is not null'"),
        ("title != ''", 9, "a comparison with blank is never true", "say 'is null' or 'is not null'"),
        ("title in ('a', null)", 15, "nothing is equal to blank", "add 'or … is null'"),
        ("null in ('a',)", 0, "blank is in no list", "say 'is null' or 'is not null'"),
        ("amount > 'x'", 0, "a number cannot be compared with a text", ""),
        ("closed > true", 0, "'>' cannot compare true or false", ""),
        ("owner < me", 0, "'<' cannot compare a lookup to 'user'", "compare lookups with == and !="),
        ("owner < title", 0, "'<' cannot compare a lookup to 'user'", "compare lookups with == and !="),
        ("owner == customer", 0, "a lookup to 'user' cannot be compared with a lookup to 'customer'", ""),
        ("owner == 'lin'", 9, "'lin' is not an id", ""),
        ("tags == 'a'", 0, "several codes cannot be compared with a text", 'say "…" in the field'),
        ("tags == tags", 0, "'==' cannot compare several codes", 'say "…" in the field'),
        ("null if closed else null) == (amount", 24, "the bracket ')' closes nothing", ""),
        ("coalesce(null, null) == amount", 0, "blank cannot be compared with a number", "say 'is null'"),
        ("amount in tags", 0, "only a text can be one of several codes, not a number", ""),
        ("title in 'abc'", 9, "a text is not a list", 'say contains(text, part), or write a list: in ("a",)'),
        ("title in (1, 2)", 0, "a text cannot be in a list of a number", ""),
        ("amount in pieces", 10, "a number is not a list", 'write a list in brackets: in ("a", "b")'),
        ("due > '2026-13-01'", 6, "'2026-13-01' is not a date", "write it like '2026-11-22'"),
        ("due > '20261122'", 6, "'20261122' is not a date", "write it like '2026-11-22'"),
        (
            "placed > '2026-11-22T10:00:00'",
            9,
            "'2026-11-22T10:00:00' is not a moment",
            "write it with its zone, like '2026-11-22T08:30:00Z' or '2026-11-22T16:30:00+08:00'",
        ),
        ("due - begun", 0, "'-' cannot take a date and a date", "say days_between(start, end)"),
        ("due + 3", 0, "'+' cannot take a date and a number", "say days(…), months(…) or years(…)"),
        ("title + amount", 0, "'+' cannot take a text and a number", "text_of(…) makes a text of a number or date"),
        ("title * 3", 0, "'*' cannot take a text and a number", ""),
        ("'a' * 1000000000", 0, "'*' cannot take a text and a number", ""),
        ("-title", 1, "'-' wants numbers, not a text", ""),
        ("days(3)", 0, "the expression gives a span of time", "add it to a date"),
        ("days(3) == days(3)", 0, "a span of time cannot stand here", "add it to a date"),
        (
            "days(3) + days(4)",
            0,
            "a span of time can only be added to a date or moment, or taken from it",
            "like today() + days(3)",
        ),
        (
            "days(3) - due",
            0,
            "a span of time can only be added to a date or moment, or taken from it",
            "like today() + days(3)",
        ),
        ("due + days(1.5)", 11, "'days' wants a whole number", "round(…), floor(…)"),
        ("due + days(amount)", 11, "'days' wants a whole number", "round(…), floor(…)"),
        ("round(amount, pieces)", 14, "the places of 'round' must be written out, 0 to 18", ""),
        ("round(amount, -1)", 14, "the places of 'round' must be written out, 0 to 18", ""),
        ("round(amount, 1, 2)", 0, "'round' cannot take 3 arguments", "round(number, places?)"),
        ("today(1)", 0, "'today' cannot take one argument", "today()"),
        ("concat(title)", 0, "'concat' cannot take one argument", "concat(text, text, …)"),
        (
            "year_of(title)",
            8,
            "'year_of' wants a date as its date, not a text",
            "year_of(date): the year of a date",
        ),
        ("coalesce(amount, title)", 0, "'coalesce' cannot mix a number, a text", ""),
        ("amount if closed else title", 0, "'if' gives a number or a text", "both must be alike"),
        ("lines", 0, "the expression gives lines", "say count(lines) or sum(lines.…)"),
        ("lines is null", 0, "lines cannot stand here", "say count(lines) or sum(lines.…)"),
        ("lines + 1", 0, "lines cannot stand here", "say count(lines) or sum(lines.…)"),
        (
            "lines.price > 1",
            0,
            "'lines.price' goes into 'lines', which are many",
            "say sum(lines.price), or another of sum, count, min, max, avg",
        ),
        ("sum(amount)", 4, "'sum' wants lines of this record", "there is: lines"),
        ("sum(me.limit)", 4, "'sum' wants lines of this record", "there is: lines"),
        ("sum(lines)", 4, "'sum' wants a field of the lines", "like sum(lines.price * lines.quantity)"),
        ("sum(lines.price, 2)", 0, "'sum' takes one argument", "like sum(lines.price * lines.quantity)"),
        ("sum(lines.price * amount)", 18, "'amount' is not a field of the lines", "put 'amount' outside of 'sum'"),
        ("sum(lines.label)", 10, "'sum' wants a number, not a text", ""),
        (
            "count(lines.price)",
            12,
            "'count' wants true or false, not a number",
            "say 'is not null' to count what is there",
        ),
        ("sum(lines.price * sum(lines.price))", 18, "'sum' cannot stand inside 'sum'", ""),
        ("sum(lines.prcie)", 10, "object 'line' has no field 'prcie'", "did you mean 'price'?"),
        ("sum(lines.price + customer.orders.amount)", 18, "'sum' can only take one lot of lines", ""),
        ("sum(lines.product.parts.price)", 10, "'product.parts.price' goes into 'parts', which are many", ""),
    ],
)
def test_error_says_where_and_what_to_do(text: str, at: int, message: str, hint: str):
    with pytest.raises(ExpressionError) as caught:
        checked(text, expect=BOOLEAN if text == "amount" else None)
    assert (caught.value.at, str(caught.value), str(caught.value.hint or "")) == (at, message, hint)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("amount > 1", "there is no record here that could have 'amount'"),
        ("count(lines)", "there is no record here whose lines 'count' could take"),
    ],
)
def test_without_a_record_there_are_no_fields(text: str, message: str):
    with pytest.raises(ExpressionError, match=message):
        checked(text, None)
    assert checked("today() + days(3) > '2026-11-22' and me.unit is null", None).type == BOOLEAN


@pytest.mark.parametrize(
    ("text", "expect", "value"),
    [
        ("'2026-11-22'", DATE, dt.date(2026, 11, 22)),
        ("'2026-11-22T10:00:00.123456+08:00'", MOMENT, dt.datetime(2026, 11, 22, 2, 0, 0, 123000, tzinfo=dt.UTC)),
        (f"'{ME}'", record("user"), ME),
        ("'x'", TEXT, "x"),
        ("null", DATE, None),
        ("''", number(2), ""),
    ],
)
def test_literal_is_read_as_what_is_expected(text: str, expect: Type, value: object):
    node = checked(text, None, expect=expect)
    assert node == Literal(value, 0, expect)  # type: ignore[arg-type]


def test_number_is_rounded_to_the_expected_places():
    node = checked("amount * rate", expect=number(2))
    assert isinstance(node, Call)
    assert (node.function, node.type) == ("round", number(2))
    assert checked("amount", expect=number(6)).type == number(2)


def test_moment_becomes_its_day_beside_a_date():
    node = checked("placed >= today()")
    assert isinstance(node, Compare)
    assert node.left == Call("date_of", (Path(("placed",), 0, MOMENT),), 0, DATE)


def test_span_is_put_on_the_right():
    node = checked("days(3) + due")
    assert isinstance(node, Arithmetic)
    assert (node.left, node.left.type) == (Path(("due",), 10, DATE), DATE)


def test_aggregate_stands_on_the_lines():
    node = checked("2 + sum(lines.price * lines.product.weight)")
    assert isinstance(node, Arithmetic)
    assert isinstance(node.right, Aggregate)
    assert node.right.children == ("lines",)
    assert isinstance(node.right.of, Arithmetic)
    assert node.right.of.left == Path(("price",), 14, number(2))
    assert node.right.of.right == Path(("product", "weight"), 28, number(3))


def test_count_of_lines_has_nothing_inside():
    assert checked("count(customer.orders)") == Aggregate("count", ("customer", "orders"), None, 0, WHOLE)


def test_blank_takes_the_type_beside_it():
    node = checked("null if closed else rate")
    assert isinstance(node, Conditional)
    assert node.then == Literal(None, 0, number(4))


def test_elements_of_a_list_are_read_like_the_item():
    node = checked("due in ('2026-11-22', begun)")
    assert isinstance(node, In)
    assert isinstance(node.among, tuple)
    assert node.among[0] == Literal(dt.date(2026, 11, 22), 8, DATE)


def test_checking_twice_changes_nothing():
    node = checked("placed >= today() and sum(lines.price) > 3 and days(1) + due > begun")
    assert check(node, World(), "order") == node


def test_references_name_every_field_on_the_way():
    node = checked("customer.owner == me.boss and sum(lines.product.weight) > amount or count(customer.orders) > 1")
    assert list(references(node, World(), "order")) == [
        ("order", "customer"),
        ("customer", "owner"),
        ("user", "boss"),
        ("order", "lines"),
        ("line", "product"),
        ("product", "weight"),
        ("order", "amount"),
        ("order", "customer"),
        ("customer", "orders"),
    ]


@pytest.mark.parametrize(
    ("text", "volatile", "own"),
    [
        ("amount > 3", False, True),
        ("due > today()", True, True),
        ("placed > now()", True, True),
        ("owner == me", True, False),
        ("count(lines.due < today()) > 0", True, False),
        ("customer.name", False, False),
        ("sum(lines.price)", False, False),
        ("date_of(placed)", False, True),
    ],
)
def test_what_a_value_hangs_on_is_known(text: str, *, volatile: bool, own: bool):
    assert is_volatile(checked(text)) is volatile
    assert is_volatile(parse(text)) is volatile
    assert own_record_only(checked(text)) is own
