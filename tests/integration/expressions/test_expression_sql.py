"""what single expressions become in SQL, and that they find and give the same as in Python"""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from dougong.expressions.evaluate import evaluator
from dougong.expressions.to_sql import DialectName, to_sql, where
from tests.integration.expressions.tables import JoinedColumns, make_records, make_rows
from tests.unit.expressions.world import SETTING, checked

RECORDS = make_records(make_rows())


def in_sql(connection: sa.Connection, text: str, setting: Any = SETTING) -> dict[str, Any]:
    """Select the value of an expression for every order."""
    columns = JoinedColumns("order", joins=[])
    element = to_sql(checked(text), columns, setting, _name(connection))
    query = sa.select(columns.table.c.id, element.label("value")).select_from(columns.source())
    return {row.id: row.value for row in connection.execute(query)}


def found(connection: sa.Connection, text: str) -> set[str]:
    """Find the orders for which a condition holds."""
    columns = JoinedColumns("order", joins=[])
    condition = where(checked(text), columns, SETTING, _name(connection))
    query = sa.select(columns.table.c.id).select_from(columns.source()).where(condition)
    return set(connection.execute(query).scalars())


def in_python(text: str) -> dict[str, Any]:
    run = evaluator(checked(text))
    return {record.values["id"]: run(record, SETTING) for record in RECORDS}


def _name(connection: sa.Connection) -> DialectName:
    return "postgresql" if connection.dialect.name == "postgresql" else "sqlite"


VALUES = [
    "amount * rate * share",
    "amount / rate",
    "pieces / 7",
    "amount - paid + pieces",
    "paid + pieces",
    "-amount",
    "round(amount / 3, 2)",
    "round(share, 1)",
    "round(-0.5 * pieces)",
    "floor(rate)",
    "ceil(rate)",
    "abs(rate)",
    "text_of(amount)",
    "text_of(pieces)",
    "text_of(share * -1)",
    "text_of(due)",
    "amount if closed else pieces",
    "coalesce(amount, pieces, 0.5)",
    "due + months(pieces)",
    "due - months(1) - days(pieces)",
    "due + years(1)",
    "placed + months(1)",
    "placed - days(1)",
    "placed + days(pieces)",
    "date_of(placed)",
    "days_between(begun, due)",
    "year_of(due)",
    "quarter_of(due)",
    "month_of(due)",
    "day_of(due)",
    "weekday_of(due)",
    "start_of_month(due)",
    "length_of(title)",
    "lower(title)",
    "upper(title)",
    "trim(title)",
    "title + code",
    "concat(title, code, customer.name)",
    "sum(lines.price)",
    "sum(lines.price * lines.quantity * (1 - lines.discount))",
    "count(lines)",
    "count(lines.quantity > 2)",
    "avg(lines.price)",
    "min(lines.label)",
    "max(lines.label)",
    "min(lines.due)",
    "max(lines.price)",
    "avg(lines.quantity)",
    "sum(lines.product.weight)",
    "sum(customer.orders.amount)",
    "count(lines.done)",
    "customer.owner.unit.name",
    "customer.owner",
    "owner",
    "tags",
    "customer.active",
    "today()",
    "now()",
    "me",
    "me.unit.name",
    "null",
    '"x"',
    "1.50",
    "true",
    "vast",
    "pieces",
    "amount == 2.5",
    "amount == paid",
    "title if title is not null else null",
    "1000000 * 1000000",
    "12 + pieces * 2",
    "sum(lines.quantity) / count(lines)",
    "null if closed else amount",
    "coalesce(null, due)",
    "text_of(round(rate))",
]

CONDITIONS = [
    "amount == 2.5",
    "amount != 2.5",
    "not amount == 2.5",
    "amount > 2.495",
    "amount <= 2.495",
    "amount == 2.495",
    "amount != 2.495",
    "not amount > paid",
    "amount != paid",
    "pieces > 1.5",
    "not pieces > 1.5",
    "pieces in (1, 2, 2.5)",
    "pieces not in (1, 2)",
    "amount in (1, pieces, paid)",
    "amount not in (1, pieces)",
    "vast > 999999999999999999",
    "vast < share",
    "rate < vast",
    "amount < share",
    'title in ("a", "b", "斗拱")',
    'title not in ("a", code)',
    'title < "b"',
    "title < code",
    "not title < code",
    'title == "A"',
    'contains(title, "b")',
    'not contains(title, "b")',
    'starts_with(title, "z")',
    'ends_with(title, "R")',
    "contains(title, code)",
    "closed",
    "not closed",
    "closed == true",
    "customer.active",
    "not customer.active",
    "customer.active == false",
    "customer.active is null",
    "customer is null",
    "customer.owner == me",
    "customer.owner != me",
    "not customer.owner == me",
    "owner == customer.owner",
    "owner in (me,)",
    "owner not in (me, customer.owner)",
    "owner.unit in me.units",
    "owner.unit not in me.units",
    'owner == "01a00000-0000-7000-8000-000000000001"',
    "me.boss == owner",
    "me.boss != owner",
    '"a" in tags',
    '"a" not in tags',
    "title in tags",
    "title not in tags",
    '"a" in customer.tags',
    "title in me.roles",
    "title not in me.roles",
    "due >= today()",
    "placed >= today()",
    "placed <= today()",
    "placed == today()",
    "placed != today()",
    "placed > today()",
    "placed < today()",
    "date_of(placed) in (today(), due)",
    "due is null",
    "not due is null",
    "(closed or amount > 3) and not (due > today() and title is null)",
    "(amount > 1) == (paid > 1)",
    "(amount > 1) != closed",
    "amount > 1 if closed else paid > 1",
    "not (amount > 1 if closed else paid > 1)",
    "1 < amount < 100",
    "not 1 < amount < 100",
    "count(lines) > 2",
    "sum(lines.price) > sum(lines.quantity)",
    "not min(lines.due) < due",
    "count(lines) == 0",
    "coalesce(customer.active, true)",
    "not coalesce(customer.active, false)",
    "id == id",
    "id is not null",
    "true",
    "false",
    "not true",
    "me.unit is null",
    "vast in (999999999999999999, 0)",
    "amount in (0.005,)",
    'text_of(amount) == "2.50"',
    "closed in (true,)",
    'due in ("2026-11-22", begun)',
    "length_of(title) > 1",
    '(title if closed else code) in ("a", title)',
    '(title if closed else code) not in ("a", title)',
    "(amount if closed else pieces) not in (1, 2.5)",
    "(amount if closed else pieces) in (1, rate, paid)",
    "(amount if closed else pieces) not in (1, rate, paid)",
    "concat(title, code) in (title, customer.name)",
    "title in customer.tags",
    "owner.unit in owner.units",
    "(amount if closed else paid) != 2.5",
    "owner == title",
]


@pytest.mark.parametrize("text", VALUES)
def test_value_is_the_same_in_sql(connection: sa.Connection, text: str):
    assert in_sql(connection, text) == in_python(text)


@pytest.mark.parametrize("text", CONDITIONS)
def test_condition_finds_the_same_in_sql(connection: sa.Connection, text: str):
    expected = in_python(text)
    assert found(connection, text) == {key for key, value in expected.items() if value}
    assert found(connection, f"not ({text})") == {key for key, value in expected.items() if not value}
