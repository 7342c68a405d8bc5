"""the statements of the gate, held against golden files: the scope clause is in every one of them"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from dougong.records import service as records
from dougong.records.aggregate import Group, Measured
from dougong.records.query import Query

GOLDEN = Path(__file__).parents[2] / "golden" / "sql"


@pytest.fixture
def statements(engine):
    """Collect the statements on business tables."""
    found: list[str] = []

    def note(connection, cursor, statement, parameters, context, many):
        if "d_" in statement and "dougong_session" not in statement:
            found.append(statement)

    sa.event.listen(engine.database.engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(engine.database.engine, "before_cursor_execute", note)


def readable(statements: list[str]) -> str:
    """Put each clause on a line of its own, and take out what differs from run to run."""
    lines = []
    for statement in statements:
        text = re.sub(r"\s+", " ", statement).strip()
        text = re.sub(r"(_\d+)+::(\w+)", r"_n::\2", text)
        text = re.sub(r" (FROM|WHERE|ORDER BY|UNION|LIMIT|LEFT OUTER JOIN|JOIN|GROUP BY|FOR UPDATE)\b", r"\n  \1", text)
        lines.append(text)
    return "\n\n".join(lines)


@pytest.mark.parametrize("login", ["ann", "eve", "admin"])
def test_list_asks_for_what_the_reader_may_see(as_user, three_customers, statements, matches_golden, login, dialect):
    with as_user(login, write=False) as ctx:
        statements.clear()
        query = Query(
            where="employees > 5", q="ada", sort=("-since", "name"), fields=("name", "owner.name"), count="to_limit"
        )
        records.list(ctx, "customer", query)
    matches_golden(readable(statements), GOLDEN / f"list_{login}_{dialect}.sql")


def test_reading_and_reporting_ask_alike(as_user, three_customers, statements, matches_golden, dialect):
    with as_user("boss", write=False) as ctx:
        statements.clear()
        records.list(ctx, "sale", Query(sort=("number",)))
        records.aggregate(
            ctx, "sale_line", groups=[Group("number", "parent.number")], measures=[Measured("n", "count")]
        )
    matches_golden(readable(statements), GOLDEN / f"report_boss_{dialect}.sql")


def test_writing_keeps_history_and_promises_in_one_transaction(
    as_user, three_customers, statements, matches_golden, dialect
):
    with as_user("ann") as ctx:
        statements.clear()
        records.update(ctx, "customer", three_customers["ann"], {"employees": 5}, version=1)
    matches_golden(readable(statements), GOLDEN / f"update_ann_{dialect}.sql")
