"""what does not fit is refused by both databases, and indexes are used where they can be"""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from dougong.expressions.errors import Overflow
from dougong.expressions.evaluate import evaluate
from dougong.expressions.to_sql import DialectName, overflowed, to_sql, where
from dougong.expressions.tree import Node
from tests.integration.expressions.tables import JoinedColumns, make_records, make_rows
from tests.unit.expressions.world import SETTING, Held, checked

RECORDS = make_records(make_rows())
INDEXED = ["amount", "due", "placed", "owner", "title", "pieces"]


def _overflows(node: Node, record: Held) -> bool:
    try:
        evaluate(node, record, SETTING)
    except Overflow:
        return True
    return False


def _name(connection: sa.Connection) -> DialectName:
    return "postgresql" if connection.dialect.name == "postgresql" else "sqlite"


@pytest.mark.parametrize(
    "text",
    [
        "vast * 10",
        "vast + vast",
        "0 - vast - 1 - vast",
        "vast / 1",
        "vast * vast",
        "vast if closed else share",
        "coalesce(vast, share)",
        "vast + share",
        "sum(customer.orders.vast)",
        "round(vast * 1.0 * 10)",
    ],
)
def test_number_that_does_not_fit_is_refused(connection: sa.Connection, text: str):
    node = checked(text)
    assert any(_overflows(node, record) for record in RECORDS)
    columns = JoinedColumns("order", joins=[])
    statement = sa.select(to_sql(node, columns, SETTING, _name(connection))).select_from(columns.source())
    with pytest.raises(sa.exc.DBAPIError) as caught:
        connection.execute(statement).all()
    assert overflowed(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "amount > 100",
        "amount == 2.5",
        "pieces > 99.5",
        "owner == me",
        "due >= today() + days(60)",
        "placed >= today()",
        "placed == today()",
        "title == 'a'",
        "amount in (1, 2)",
        "owner == me and closed",
    ],
)
def test_index_is_used(connection: sa.Connection, text: str):
    columns = JoinedColumns("order", joins=[])
    table = columns.table.element  # type: ignore[attr-defined]
    indexes = [sa.Index(f"ix_{name}", table.c[name]) for name in INDEXED]
    for index in indexes:
        index.create(connection)
    try:
        condition = where(checked(text), columns, SETTING, _name(connection))
        statement = sa.select(columns.table.c.amount).where(condition)
        assert "ix_" in _plan(connection, statement)
    finally:
        for index in indexes:
            index.drop(connection)
            table.indexes.discard(index)


def _plan(connection: sa.Connection, statement: sa.Select[tuple[object]]) -> str:
    if _name(connection) == "postgresql":
        connection.exec_driver_sql("set enable_seqscan = off")
    compiled = statement.compile(connection, compile_kwargs={"literal_binds": True})
    explain = "explain" if _name(connection) == "postgresql" else "explain query plan"
    rows = connection.execute(sa.text(f"{explain} {str(compiled).replace(':', chr(92) + ':')}")).all()
    if _name(connection) == "postgresql":
        connection.exec_driver_sql("set enable_seqscan = on")
    return "\n".join(str(row) for row in rows)
