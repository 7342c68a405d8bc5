"""one truth, two back ends: random expressions give the same in Python and in SQL, blanks included"""

from __future__ import annotations

import dataclasses
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from dougong.expressions.errors import Overflow
from dougong.expressions.evaluate import Value, evaluator
from dougong.expressions.fold import fold
from dougong.expressions.setting import Setting
from dougong.expressions.to_json import from_json, to_json
from dougong.expressions.to_sql import DialectName, overflowed, to_sql, where
from dougong.expressions.tree import Node
from tests.integration.expressions.drawn import expressions
from tests.integration.expressions.tables import JoinedColumns, make_records, make_rows
from tests.unit.expressions.world import SETTING, checked

RECORDS = make_records(make_rows())
SETTINGS = st.sampled_from(
    [dataclasses.replace(SETTING, zone=zone) for zone in ("Asia/Shanghai", "Europe/Berlin", "America/New_York")]
)
SORTS = ["number", "number", "text", "date", "moment", "boolean", "user"]
WITH_DATABASE = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def in_python(node: Node, setting: Setting) -> dict[str, Value]:
    """Give the value for every order; an example in which a number grows too large is not taken."""
    run = evaluator(node)
    try:
        return {record.values["id"]: run(record, setting) for record in RECORDS}
    except Overflow:
        reject()


def rows(connection: sa.Connection, statement: sa.Select[Any]) -> list[Any]:
    """Run a statement; a database may work out, and find too large, what Python never looks at."""
    try:
        return list(connection.execute(statement))
    except sa.exc.DBAPIError as error:
        if overflowed(error):
            reject()
        raise


def found(connection: sa.Connection, node: Node, setting: Setting) -> set[str]:
    columns = JoinedColumns("order", joins=[])
    condition = where(node, columns, setting, _name(connection))
    return {
        row.id for row in rows(connection, sa.select(columns.table.c.id).select_from(columns.source()).where(condition))
    }


def _name(connection: sa.Connection) -> DialectName:
    return "postgresql" if connection.dialect.name == "postgresql" else "sqlite"


@given(expressions(SORTS, 4), SETTINGS)
@WITH_DATABASE
def test_value_in_sql_is_value_in_python(connection: sa.Connection, text: str, setting: Setting):
    node = checked(text)
    expected = in_python(node, setting)
    columns = JoinedColumns("order", joins=[])
    element = to_sql(node, columns, setting, _name(connection)).label("value")
    query = sa.select(columns.table.c.id, element).select_from(columns.source())
    assert {row.id: row.value for row in rows(connection, query)} == expected


@given(expressions(["boolean"], 4), SETTINGS)
@WITH_DATABASE
def test_condition_in_sql_finds_what_holds_in_python(connection: sa.Connection, text: str, setting: Setting):
    expected = in_python(checked(text), setting)
    holding = {key for key, value in expected.items() if value}
    assert found(connection, checked(text), setting) == holding
    assert found(connection, checked(f"not {text}"), setting) == set(expected) - holding


@given(expressions(SORTS, 4), SETTINGS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_folding_and_json_change_nothing(text: str, setting: Setting):
    node = checked(text)
    expected = in_python(node, setting)
    assert from_json(to_json(node)) == node
    assert in_python(fold(node, setting), setting) == expected
