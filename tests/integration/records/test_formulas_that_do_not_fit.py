"""formulas whose value has more than 18 digits, or lies outside the calendar: read as blank, on both databases"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from dougong.base.errors import BadRequest, InvalidRecord
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.records.query import Query
from dougong.records.reach import Reach, with_columns

NAMES = (
    "squared", "plus", "wide", "sunk", "mean_of", "chosen", "first_there", "late", "later_moment", "is_large", "half",
    "rounded_up", "of_formula", "sum_of_squares", "small", "stepped",
)  # fmt: skip
FITTING = {
    "bundle.yaml": "kind: bundle\nname: fitting\nlabel: Fitting\nversion: 1.0.0\nrequires: [{name: system}]\n",
    "objects/thing.yaml": """\
kind: object
name: thing
title: name
fields:
  - {name: name, type: text, sortable: true}
  - {name: size, type: integer, max: 999999999999999999}
  - {name: ratio, type: decimal, scale: 6}
  - {name: day, type: date}
  - {name: moment, type: datetime}
  - {name: squared, type: formula, expr: size * size, returns: integer}
  - {name: plus, type: formula, expr: size + 1, returns: integer}
  - {name: wide, type: formula, expr: size, returns: decimal, scale: 4}
  - {name: sunk, type: formula, expr: size * size - size * size, returns: integer}
  - {name: half, type: formula, expr: size * 1000 / 2, returns: decimal, scale: 2}
  - {name: rounded_up, type: formula, expr: "round(ratio * 999999999, 2)", returns: decimal, scale: 2}
  - {name: chosen, type: formula, expr: "size * size if size > 5 else 0", returns: integer}
  - {name: first_there, type: formula, expr: "coalesce(size * size, -1)", returns: integer}
  - {name: late, type: formula, expr: day + days(size), returns: date}
  - {name: stepped, type: formula, expr: day - years(size), returns: date}
  - {name: later_moment, type: formula, expr: moment + months(size), returns: datetime}
  - {name: is_large, type: formula, expr: size * size > 100, returns: boolean}
  - {name: of_formula, type: formula, expr: squared + 1, returns: integer}
  - {name: sum_of_squares, type: formula, expr: sum(parts.size * parts.size), returns: integer}
  - {name: mean_of, type: formula, expr: avg(parts.squared), returns: decimal, scale: 2}
  - {name: small, type: formula, expr: "3 * 4", returns: integer}
  - {name: parts, type: children, of: thing_part}
""",
    "objects/thing_part.yaml": """\
kind: object
name: thing_part
nature: child
fields:
  - {name: size, type: integer, max: 999999999999999999}
  - {name: squared, type: formula, expr: size * size, returns: integer}
""",
    "objects/kept.yaml": """\
kind: object
name: kept
fields:
  - {name: size, type: integer, max: 999999999999999999}
  - {name: squared, type: formula, expr: size * size, returns: integer, stored: true}
""",
}
LARGEST = 999_999_999_999_999_999


@pytest.fixture
def fitting(instances, system_layer, dialect):
    """An instance with an object of many formulas."""
    made = instances.make({**system_layer, "fitting": FITTING}, dialect=dialect)
    yield made
    instances.drop(made)


def make(ctx, size):
    values = {
        "name": str(size), "size": size, "ratio": "999999999999", "day": "2026-11-22", "moment": "2026-11-22T10:00:00Z",
        "parts": [{"size": size}, {"size": 2}],
    }  # fmt: skip
    return records.create(ctx, "thing", values)


@pytest.mark.parametrize("size", [LARGEST, 4_000_000_000, 4_100_000, 500_000, 10_000, 7, 0])
def test_python_and_database_read_the_same(fitting, size):
    with work(fitting) as ctx:
        made = make(ctx, size)
    with work(fitting, write=False) as ctx:
        found = records.get(ctx, "thing", made.id)
        model = ctx.catalog.object("thing")
        stored = records.get(ctx, "thing", made.id, fields=with_columns(ctx.catalog, model))
        reach = Reach(ctx, model, {**stored.values, "id": made.id})
        assert {name: found[name] for name in NAMES} == {name: reach.get((name,)) for name in NAMES}
        assert found["small"] == 12


def test_record_and_list_are_read_with_blanks(fitting):
    with work(fitting) as ctx:
        large, small = make(ctx, LARGEST), make(ctx, 7)
        assert large["squared"] is None
    with work(fitting, write=False) as ctx:
        found = records.get(ctx, "thing", large.id)
        blank = {name for name in NAMES if found[name] is None}
        assert blank == set(NAMES) - {"is_large", "first_there", "small", "mean_of", "sum_of_squares"}
        assert (found["is_large"], found["first_there"], found["sum_of_squares"]) == (False, -1, 4)
        usual = records.get(ctx, "thing", small.id)
        assert (usual["squared"], usual["late"], usual["half"]) == (49, dt.date(2026, 11, 29), Decimal("3500.00"))
        assert [each.id for each in records.list(ctx, "thing", Query(sort=("squared",)))] == [large.id, small.id]
        assert [each.id for each in records.list(ctx, "thing", Query(sort=("-late",)))] == [small.id, large.id]
        for where in ("squared is null", "late is null", "squared != 49"):
            assert [each.id for each in records.list(ctx, "thing", Query(where=where))] == [large.id]
        assert [each.id for each in records.list(ctx, "thing", Query(where="squared > 1"))] == [small.id]


def test_what_a_caller_asks_and_what_is_stored_must_fit(fitting):
    with work(fitting) as ctx:
        make(ctx, LARGEST)
        with pytest.raises(InvalidRecord) as refused:
            records.create(ctx, "kept", {"size": LARGEST})
        assert list(refused.value.by_field) == ["squared"]
    with work(fitting, write=False) as ctx, pytest.raises(BadRequest) as wrong:
        records.list(ctx, "thing", Query(where="size * size > 5"))
    assert wrong.value.message.code == "overflow"
