"""the table of functions, its page, and what SQLite is given of it"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any, get_args

import pytest

from dougong.base.names import is_name
from dougong.expressions import functions, reference, sqlite_functions
from dougong.expressions.to_json import from_json, to_json
from dougong.expressions.tree import Aggregation, Literal, parts, walk
from dougong.testing.golden import MatchesGolden
from tests.unit.expressions.world import checked

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "expressions.md"

TREES = [
    "amount * rate - 0.10 / pieces > -2.50 and not closed",
    "placed >= '2026-11-22T10:00:00.123+08:00' or due in ('2026-11-22', begun)",
    "sum(lines.price * (1 - lines.discount)) if 'a' in tags else round(count(lines) / 3, 2)",
    "owner == me and owner.unit in me.units and title is not null",
    "concat(title, null, '斗拱') + text_of(due + months(1))",
    "null",
    "true",
]


def test_page_shows_the_functions_as_they_are(matches_golden: MatchesGolden):
    matches_golden(reference.current(PAGE.read_text(encoding="utf-8")), PAGE)


def test_names_are_reserved():
    assert {"today", "sum", "me", "null", "true", "false"} <= functions.RESERVED
    assert all(is_name(name) for name in functions.RESERVED)
    assert set(functions.AGGREGATES) == set(get_args(Aggregation))


def test_ascii_is_folded_and_nothing_else():
    letters = "".join(chr(code) for code in range(0x20, 0x250))
    assert functions.ascii_lower(letters).encode() == letters.encode().lower()
    assert functions.ascii_upper(letters).encode() == letters.encode().upper()


@pytest.mark.parametrize("text", TREES)
def test_tree_comes_back_from_json(text: str):
    node = checked(text)
    assert from_json(json.loads(json.dumps(to_json(node)))) == node


def test_json_keeps_every_digit():
    data = to_json(checked("999999999999999999 > 0.10"))
    assert data["left"] == {"node": "literal", "value": "999999999999999999", "at": 0, "type": {"sort": "number"}}
    assert data["right"]["value"] == "0.10"
    assert data["right"]["type"] == {"sort": "number", "scale": 2}


def test_json_takes_folded_lists():
    node = Literal(("a", "b"), type=checked("tags").type)
    assert from_json(json.loads(json.dumps(to_json(node)))) == node


def test_walk_meets_every_node():
    assert [type(node).__name__ for node in walk(checked("amount + 1 in (2, pieces) and count(lines) > 1"))] == [
        "Both", "In", "Arithmetic", "Path", "Literal", "Literal", "Path", "Compare", "Aggregate", "Literal",
    ]  # fmt: skip
    assert parts(checked("count(lines)")) == ()


@pytest.fixture
def sqlite() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    sqlite_functions.register(connection)
    return connection


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("dougong_add(1, 2, 5, 0, 1)", 105),
        ("dougong_add(1, 0, 5, 0, -1)", -4),
        ("dougong_add(null, 0, 5, 0, 1)", None),
        ("dougong_multiply(15, 15, 1)", 23),
        ("dougong_multiply(-15, 15, 1)", -23),
        ("dougong_multiply(999999999999999999, 10, 1)", 999999999999999999),
        ("dougong_divide(2, 0, 3, 0)", 666667),
        ("dougong_divide(-2, 0, 3, 0)", -666667),
        ("dougong_divide(2, 0, -3, 0)", -666667),
        ("dougong_divide(-200, 2, -3, 0)", 666667),
        ("dougong_divide(1, 0, 0, 2)", None),
        ("dougong_compare(999999999999999999, 18, -1, 0)", 1),
        ("dougong_compare(1, 2, 100, 0)", 0),
        ("dougong_round(-250, 2)", -3),
        ("dougong_round(249, 2)", 2),
        ("dougong_floor(-101, 2)", -2),
        ("dougong_written(-5, 2)", "-0.05"),
        ("dougong_written(0, 0)", "0"),
        ("dougong_written(1234567, 3)", "1234.567"),
        ("dougong_concat('a', null, 'b')", "ab"),
        ("dougong_concat(null, null)", None),
        ("dougong_ends_with('aBC', 'bc')", 1),
        ("dougong_shift_date('2026-01-31', 1, 1, 0)", "2026-02-28"),
        ("dougong_shift_date('2026-01-31', -1, 0, 31)", "2025-12-31"),
        ("dougong_shift_moment('2026-03-28 08:00:00.123', 1, 0, 1, 'Europe/Berlin')", "2026-03-29 07:00:00.123"),
        ("dougong_date_of('2026-11-21 16:00:00.000', 'Asia/Shanghai')", "2026-11-22"),
        ("dougong_fit(null)", None),
    ],
)
def test_sqlite_computes(sqlite: sqlite3.Connection, call: str, expected: Any):
    assert sqlite.execute(f"select {call}").fetchone()[0] == expected  # it is ours


@pytest.mark.parametrize(
    "call",
    [
        "dougong_add(999999999999999999, 0, 1, 0, 1)",
        "dougong_multiply(1000000000, 1000000000, 0)",
        "dougong_fit(1000000000000000000)",
        "dougong_fit(9223372036854775807 + 1)",
        "dougong_divide(999999999999999999, 0, 1, 0)",
        "dougong_shift_date('9999-12-31', 1, 0, 1)",
    ],
)
def test_sqlite_refuses_what_does_not_fit(sqlite: sqlite3.Connection, call: str):
    with pytest.raises(sqlite3.OperationalError, match="user-defined function raised exception"):
        sqlite.execute(f"select {call}").fetchone()  # it is ours


def test_sqlite_that_folds_more_is_given_our_letters():
    class Icu:
        """A connection whose `lower` folds every letter."""

        def __init__(self) -> None:
            self.given: dict[str, Any] = {}

        def create_function(self, name: str, narg: int, func: Any, /, *, deterministic: bool = False) -> None:
            self.given[name] = func

        def create_aggregate(self, name: str, n_arg: int, aggregate_class: Any, /) -> None:
            self.given[name] = aggregate_class

        def execute(self, sql: str, /) -> Any:
            return self

        def fetchone(self) -> tuple[str]:
            return ("äÄ",)

    icu = Icu()
    sqlite_functions.register(icu)
    assert icu.given["lower"]("ÄB") == "Äb"
    assert icu.given["upper"]("äb") == "äB"
    assert icu.given["upper"](None) is None
