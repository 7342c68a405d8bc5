"""what conditions become in SQL, word by word: bare comparisons, blanks only where they are needed"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dougong.base.sql_types import Codes, ExactDecimal, Key, Moment
from dougong.expressions.errors import ExpressionError
from dougong.expressions.setting import Setting
from dougong.expressions.to_sql import DialectName, overflowed, to_sql, where
from tests.unit.expressions.world import FIELDS, ME, NORTH, SETTING, SOUTH, checked

DIALECTS: dict[str, sa.Dialect] = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect(paramstyle="named")}
TYPES: dict[str, Any] = {
    "text": sa.Text(),
    "boolean": sa.Boolean(),
    "date": sa.Date(),
    "moment": Moment(),
    "record": Key(),
    "codes": Codes(),
}


class Named:
    """Columns called like their paths."""

    def column(self, names: tuple[str, ...]) -> Any:
        object_name = "order"
        for name in names[:-1]:
            object_name = str(FIELDS[object_name][name].object)
        kind = FIELDS[object_name][names[-1]]
        if kind.sort != "number":
            sql_type = TYPES[kind.sort]
        else:
            sql_type = sa.BigInteger() if kind.scale == 0 else ExactDecimal(kind.scale, 9 if names == ("paid",) else 18)
        return sa.Column("_".join(names), sql_type, nullable=names != ("id",))

    def children(self, names: tuple[str, ...]) -> Any:
        lines = sa.table("line", sa.column("parent"))
        return lines, lines.c.parent == sa.column("id"), _Lines()


class _Lines(Named):
    def column(self, names: tuple[str, ...]) -> Any:
        kind = FIELDS["line"][names[0]]
        sql_type = ExactDecimal(kind.scale) if kind.sort == "number" else TYPES[kind.sort]
        return sa.column(f"line_{names[0]}", sql_type)


def said(
    text: str, dialect: DialectName, *, setting: Setting = SETTING, as_value: bool = False
) -> tuple[str, list[Any]]:
    """Give a condition's words, and the values that go with them."""
    say = to_sql if as_value or checked(text).type.sort != "boolean" else where
    compiled = say(checked(text), Named(), setting, dialect).compile(
        dialect=DIALECTS[dialect], compile_kwargs={"render_postcompile": True}
    )
    names = compiled.positiontup or list(compiled.params)
    words = re.sub(r"(:param_\d+|:to_char_\d+)::[A-Z]+", r"\1", " ".join(str(compiled).split()))
    return words, [compiled.params[name] for name in names]


@pytest.mark.parametrize(
    ("text", "words", "values"),
    [
        ("amount > 100", "amount > ?", [10000]),
        ("100 < amount", "amount > ?", [10000]),
        ("amount > 2.495", "amount > ?", [249]),
        ("amount >= 2.495", "amount >= ?", [250]),
        ("amount < 2.495", "amount < ?", [250]),
        ("amount <= 2.495", "amount <= ?", [249]),
        ("amount == 2.495", "0", []),
        ("amount != 2.495", "1 = 1", []),
        ("vast < 999999999999999999", "vast < ?", [999999999999999999]),
        ("amount < 999999999999999999", "amount < ?", [10**18]),
        ("amount > -999999999999999999", "amount > ?", [-(10**18)]),
        ("not amount > 100", "amount <= ? OR amount IS NULL", [10000]),
        ("amount != 3", "amount != ? OR amount IS NULL", [300]),
        ("not amount != 3", "amount = ?", [300]),
        ("not not amount == 3", "amount = ?", [300]),
        ("owner == me", "owner = ?", [ME]),
        ("me.boss == owner", "0", []),
        ("me.boss != owner", "1", []),
        ("owner.unit == me.unit", "owner_unit = ?", [NORTH]),
        ("owner.unit in me.units", "owner_unit IN (?, ?)", [NORTH, SOUTH]),
        ("owner.unit not in me.units", "(owner_unit NOT IN (?, ?)) OR owner_unit IS NULL", [NORTH, SOUTH]),
        ("title in me.roles", "0", []),
        ("closed", "closed", []),
        ("not closed", "closed IS NOT 1", []),
        ("placed >= today()", "placed >= ?", [dt.datetime(2026, 11, 21, 16, tzinfo=dt.UTC)]),
        ("placed > today()", "placed >= ?", [dt.datetime(2026, 11, 22, 16, tzinfo=dt.UTC)]),
        ("placed < today()", "placed < ?", [dt.datetime(2026, 11, 21, 16, tzinfo=dt.UTC)]),
        ("placed <= today()", "placed < ?", [dt.datetime(2026, 11, 22, 16, tzinfo=dt.UTC)]),
        ("due >= today() + days(60) and title == 'a'", "due >= ? AND title = ?", [dt.date(2027, 1, 21), "a"]),
        ("not (due > begun or closed)", "(due <= begun OR due IS NULL OR begun IS NULL) AND closed IS NOT 1", []),
        ("not (closed and title is null)", "closed IS NOT 1 OR title IS NOT NULL", []),
        ("true and closed", "closed = 1", []),
        ("closed or today() > '2026-01-01'", "1", []),
        ("title is null", "title IS NULL", []),
        ("id is not null", "id IS NOT NULL", []),
        ("closed is not null", "closed IS NOT NULL", []),
        ("(amount > 3) is null", "0", []),
        ("paid == rate", "paid * 100 = rate", []),
        ("amount == rate", "dougong_compare(amount, ?, rate, ?) = 0", [2, 0]),
        ("paid + 1 > 3", "paid + ? * 100 > ?", [1, 300]),
        ("title < 'b'", "title < ?", ["b"]),
        ("amount in (1, 2.495)", "amount IN (?)", [100]),
        ("count(lines) > 2", "(SELECT count(*) AS count_1 FROM line WHERE line.parent = id) > ?", [2]),
        (
            "count(lines.done) > 2",
            "(SELECT count(*) AS count_1 FROM line WHERE line.parent = id AND line_done = 1) > ?",
            [2],
        ),
    ],
)
def test_sqlite_is_told(text: str, words: str, values: list[Any]):
    assert said(text, "sqlite") == (words, values)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("amount > 2.495", "amount > :param_1"),
        ("vast > 2.5", "vast > :param_1"),
        ("not amount > 100", "amount <= :param_1 OR amount IS NULL"),
        ("not closed", "closed IS NOT true"),
        ("closed", "closed"),
        ("owner == me", "owner = :param_1"),
        ("title < 'b'", '(title COLLATE "C") < (:param_1 COLLATE "C")'),
        ("title == code", "title = code"),
        ("'a' in tags", "tags @> CAST(ARRAY[:param_1] AS TEXT[])"),
        ("amount + paid > 1", "CAST(amount + paid AS NUMERIC(18, 2)) > :param_1"),
        ("paid + 1 > 1", "paid + :param_1 > :param_2"),
        ("round(amount) > 1", "CAST(amount AS NUMERIC(18, 0)) > :param_1"),
        ("owner.name == text_of(due)", "owner_name = to_char(due, :to_char_1)"),
    ],
)
def test_postgresql_is_told(text: str, words: str):
    assert said(text, "postgresql")[0] == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("amount > 100", "(amount > ?) IS 1"),
        ("closed", "closed"),
        ("closed and amount > 1", "(closed = 1 AND amount > ?) IS 1"),
        ("true", "1"),
    ],
)
def test_selected_condition_is_true_or_false(text: str, words: str):
    assert said(text, "sqlite", as_value=True)[0] == words


def test_words_do_not_grow_with_nesting():
    text = "title"
    for _ in range(12):
        text = (
            f"({text} if ({text} == code) != closed else code)" if len(text) < 60 else f"({text} if closed else code)"
        )
    once = len(said(f"({text}) != code", "postgresql")[0])
    twice = len(said(f"(({text}) != code) != closed", "postgresql")[0])
    assert twice < once + 60


def test_overflow_is_recognised():
    class Refused(Exception):
        sqlstate = "22003"

    assert overflowed(sa.exc.DataError("", {}, Refused()))
    assert overflowed(sa.exc.OperationalError("", {}, Exception("user-defined function raised exception")))
    assert not overflowed(sa.exc.OperationalError("", {}, Exception("no such table: x")))


def test_column_of_inexact_numbers_is_refused():
    class Floating(Named):
        def column(self, names: tuple[str, ...]) -> Any:
            return sa.Column("amount", sa.Float())

    with pytest.raises(TypeError, match="no exact number"):
        to_sql(checked("amount + 1"), Floating(), SETTING, "sqlite")


NESTED = [
    ("amount", "({} + 1)"),
    ("amount", "(rate * {})"),
    ("amount", "(amount / {})"),
    ("amount", "({} / amount)"),
    ("amount", "round({}, 1)"),
    ("amount", "floor({} * 2)"),
    ("amount", "coalesce({}, rate)"),
    ("amount", "({} if closed else rate)"),
    ("title", "concat(title, {})"),
    ("title", "trim(lower({}))"),
    ("title", "({} + code)"),
    ("due", "({} + months(1))"),
    ("due", "start_of_month({})"),
    ("due", "date_of(placed + days(days_between({}, due)))"),
    ("pieces", "year_of(due + days({}))"),
    ("pieces", "weekday_of(due + days({}))"),
    ("closed", "({} != (amount > 1))"),
    ("closed", "not ({} or closed)"),
    ("closed", "contains(title, code if {} else title)"),
    ("closed", "ends_with(title if {} else code, 'a')"),
    ("closed", "(closed if {} else amount > 1)"),
    ("closed", "({} in (closed, true))"),
    ("lines.price", "sum({})"),
]


@pytest.mark.parametrize(("seed", "step"), NESTED)
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_deepest_expression_does_not_exhaust_the_stack(seed: str, step: str, dialect: DialectName):
    text, deepest = seed, seed
    while True:
        text = step.replace("{}", text)
        try:
            checked(text)
        except ExpressionError:
            break
        deepest = text
    assert len(said(deepest, dialect, as_value=True)[0]) < 40_000


def test_chain_of_else_may_be_long():
    text = "".join(f"'label {code}' if title == 'code {code}' else " for code in range(60)) + "title"
    words = said(text, "postgresql")[0]
    assert words.count("WHEN") == 60
    assert words.count("CASE") == 1
