"""stored formulas held against what their records give, and mended"""

from __future__ import annotations

from decimal import Decimal

import pytest

from dougong.base.errors import Conflict
from dougong.features.bundles import recomputing
from dougong.storage import compute
from tests.integration.storage.bundles import apply, bundle, fields, put, run

TOTAL = "name: total, type: formula, expr: 'price * pieces', returns: decimal, stored: true"
READ = "name: later, type: formula, expr: 'price + 1', returns: decimal"


@pytest.fixture
def engine(make_engine, monkeypatch):
    """An instance with a stored formula, batches of two, and five records of which two hold a wrong value."""
    monkeypatch.setattr(compute, "BATCH", 2)
    notes = bundle(note=fields("name: price, type: decimal, scale: 3", "name: pieces, type: integer", TOTAL, READ))
    made = make_engine(notes=notes)
    for pieces in range(5):
        put(made, "note", price=Decimal(2), pieces=pieces, total=Decimal(2 * pieces))
    run(made, "UPDATE d_note SET total = NULL WHERE pieces = 1")
    run(made, "UPDATE d_note SET total = 9 WHERE pieces = 4")
    return made


def notes_of(found):
    return [each.as_data() for each in found if each.object == "note"]


def wrong(engine):
    return [each[0] for each in run(engine, "SELECT pieces FROM d_note WHERE total IS NULL OR total = 9")]


def test_values_that_differ_are_counted_and_left(engine):
    counted = {"object": "note", "field": "total", "records": 5, "different": 2, "mended": 0, "trouble": ""}
    assert notes_of(recomputing.recompute(engine)) == [counted]
    assert sorted(wrong(engine)) == [1, 4]


def test_values_that_differ_are_mended_without_a_version(engine):
    before = run(engine, "SELECT id, version, _change FROM d_note ORDER BY id")
    (found,) = notes_of(recomputing.recompute(engine, mends=True))
    assert (found["different"], found["mended"]) == (2, 2)
    assert wrong(engine) == []
    assert run(engine, "SELECT id, version, _change FROM d_note ORDER BY id") == before
    (found,) = notes_of(recomputing.recompute(engine))
    assert (found["records"], found["different"]) == (5, 0)


def test_record_that_cannot_be_computed_is_told(engine):
    run(engine, "UPDATE d_note SET price = 999999999999999, pieces = 999999999 WHERE pieces = 4")
    (found,) = [each for each in recomputing.recompute(engine) if each.object == "note"]
    assert not found.is_well
    assert "note.total cannot be computed for 1 record" in found.trouble


def test_definitions_published_meanwhile_stop_it(engine):
    old = engine.catalog()
    apply(engine, notes=bundle(note=fields("name: price, type: decimal, scale: 3", "name: pieces, type: integer")))
    with pytest.raises(Conflict, match="changed meanwhile"):
        recomputing._field(engine, compute.Computation(old, "note", "total", "UTC"), mends=True)
