"""stored formulas, computed for the records that are there"""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest

from dougong.base.actor import SYSTEM_USER
from dougong.base.errors import Conflict, NotAllowed
from dougong.engine import open_engine
from dougong.features.accounts.work import work
from dougong.features.bundles import service
from dougong.records import service as records
from dougong.records.query import Query
from dougong.storage import drift
from dougong.storage.plan import ComputeColumn, RetireColumn, describe, from_data, say
from tests.integration.storage.bundles import apply, bundle, fields, get, plan, put, put_in, run

PRICE = "name: price, type: decimal, scale: 3"
PIECES = "name: pieces, type: integer"


def formula(name, expr, returns="decimal", **more):
    said = ", ".join(f"{key}: {value}" for key, value in {"stored": "true", **more}.items())
    return f"name: {name}, type: formula, expr: '{expr}', returns: {returns}, {said}"


def note(*lines, **others):
    return bundle(note=fields(PRICE, PIECES, *lines), **others)


def computing(drafted):
    return [step for step in drafted.steps if isinstance(step, ComputeColumn)]


def no_drift(engine):
    with engine.database.open(write=False) as connection:
        assert list(drift.find(connection, engine.current(connection))) == []


def whole(engine):
    """Give all that a row and its history hold."""
    counts = "(SELECT count(*) FROM d_note__history), (SELECT count(*) FROM dougong_change)"
    return run(engine, f"SELECT id, version, _change, updated_at, {counts} FROM d_note ORDER BY id")  # noqa: S608


def test_new_formula_is_computed_for_the_records_that_are_there(make_engine):
    engine = make_engine(notes=note())
    row = put(engine, "note", price=Decimal("1.235"), pieces=3)
    blank = put(engine, "note", pieces=3)
    before = whole(engine)
    drafted = plan(engine, notes=note(formula("total", "price * pieces")))
    assert "+ note.total" in say(drafted)
    assert "computed for 2 records" in say(drafted)
    assert not drafted.destructive
    assert "compute d_note.total" in [describe(step) for step in drafted.steps]
    assert from_data(drafted.as_data()) == drafted
    service.apply(engine, drafted, by=SYSTEM_USER)
    assert get(engine, "note", row)["total"] == Decimal("3.71")
    assert get(engine, "note", blank)["total"] is None
    assert whole(engine) == before
    no_drift(engine)


def test_plan_from_a_file_holds_though_records_were_added(make_engine):
    engine = make_engine(notes=note())
    read = from_data(plan(engine, notes=note(formula("total", "price * pieces"))).as_data())
    row = put(engine, "note", price=Decimal(2), pieces=3)
    service.apply(engine, read, by=SYSTEM_USER)
    assert get(engine, "note", row)["total"] == Decimal("6.00")


def test_changed_expression_is_computed_again_where_the_value_differs(make_engine):
    engine = make_engine(notes=note(formula("total", "price * pieces")))
    row = put(engine, "note", price=Decimal("1.235"), pieces=3, total=Decimal("3.71"))
    wanted = note(formula("total", "price * pieces + 1"))
    drafted = apply(engine, notes=wanted)
    assert len(drafted.steps) == len(computing(drafted)) == 1
    assert "computed for 1 record" in say(drafted)
    assert "~ note.total" in say(drafted)
    assert get(engine, "note", row)["total"] == Decimal("4.71")
    assert plan(engine, notes=wanted).is_empty
    service.apply(engine, service.undo(engine), by=SYSTEM_USER)
    assert get(engine, "note", row)["total"] == Decimal("3.71")
    no_drift(engine)


def test_changed_scale_is_computed_and_not_converted(make_engine):
    engine = make_engine(notes=note(formula("total", "price * pieces")))
    row = put(engine, "note", price=Decimal("1.235"), pieces=3, total=Decimal("3.71"))
    drafted = apply(engine, notes=note(formula("total", "price * pieces", scale=3)))
    assert get(engine, "note", row)["total"] == Decimal("3.705")
    assert not drafted.destructive
    assert "~ note.total" in say(drafted)
    apply(engine, notes=note(formula("total", "price * pieces", "integer")))
    assert get(engine, "note", row)["total"] == 4
    no_drift(engine)


def test_formulas_of_formulas_are_computed_whatever_their_order(make_engine):
    engine = make_engine(notes=note())
    row = put(engine, "note", price=Decimal("1.25"), pieces=3)
    lines = (
        formula("gross", "net + tax"),
        formula("net", "price * pieces"),
        formula("tax", "net * rate"),
        formula("rate", "0.1 if pieces > 2 else 0", stored="false"),
    )
    apply(engine, notes=note(*lines))
    found = get(engine, "note", row)
    assert (found["gross"], found["net"], found["tax"]) == (Decimal("4.13"), Decimal("3.75"), Decimal("0.38"))
    # The virtual formula within says something else: what reads it is computed again, and nothing besides.
    drafted = apply(engine, notes=note(*lines[:3], formula("rate", "0.2", stored="false")))
    assert {step.field for step in computing(drafted)} == {"gross", "tax"}
    assert "~ note.gross" in say(drafted)
    found = get(engine, "note", row)
    assert (found["gross"], found["net"], found["tax"]) == (Decimal("4.50"), Decimal("3.75"), Decimal("0.75"))


def test_two_formulas_that_swap_inputs_and_one_that_reads_what_is_converted(make_engine):
    engine = make_engine(
        notes=bundle(note=fields(PRICE, "name: pieces, type: text", formula("one", "price"), formula("two", "one + 1")))
    )
    row = put(engine, "note", price=Decimal("2.5"), pieces="4", one=Decimal("2.5"), two=Decimal("3.5"))
    apply(engine, notes=note(formula("one", "two * pieces"), formula("two", "price")))
    found = get(engine, "note", row)
    assert (found["one"], found["two"]) == (Decimal("10.00"), Decimal("2.50"))
    no_drift(engine)


@pytest.mark.parametrize(
    ("expr", "returns"),
    [
        ("pieces / 3", "decimal"),
        ("price * price * price", "percent"),
        ("pieces", "money"),
        ("1", "decimal"),
        ("price > 1 and pieces != 3", "boolean"),
        ("price is null", "boolean"),
        ("day + days(2)", "date"),
        ("date_of(at)", "date"),
        ("at", "datetime"),
        ('upper(word) + " " + word', "text"),
        ("word if pieces > 9 else None", "text"),
    ],
)
def test_sql_stores_what_saving_a_record_stores(make_engine, expr, returns):
    entered = ("name: day, type: date", "name: at, type: datetime", "name: word, type: text")
    engine = make_engine(notes=note(*entered))
    values = {"price": "1.234", "pieces": 4, "day": "2026-02-28", "at": "2026-02-27T17:00:00Z", "word": "é"}
    with work(engine) as ctx:
        old = records.create(ctx, "note", values).id
    apply(engine, notes=note(*entered, formula("total", expr, returns)))
    with work(engine) as ctx:
        new = records.create(ctx, "note", values).id
    first, second = (run(engine, "SELECT total FROM d_note WHERE id = :id", id=each) for each in (old, new))
    assert first == second


@pytest.mark.parametrize("rate", ["0.2", "0.2 if pieces > 2 else 0"])
def test_virtual_formula_with_fewer_places_than_its_field_counts_whole(make_engine, rate):
    rates = formula("rate", rate, stored="false")
    engine = make_engine(notes=note(rates, formula("tax", "price * rate", stored="false")))
    row = put(engine, "note", price=Decimal(10), pieces=3)
    with work(engine) as ctx:
        page = records.list(ctx, "note", Query(where="tax == 2", sort=("-tax",)))
    assert [each.id for each in page.records] == [row]


def test_lines_of_a_record_are_computed_too(make_engine):
    head = "nature: child\n"
    order = fields("name: title, type: text", "name: lines, type: children, of: line")
    engine = make_engine(notes=bundle(order=order, line=fields(PRICE, PIECES, head=head)))
    parent = put(engine, "order", title="a")
    row = put(engine, "line", parent=parent, position=0, price=Decimal(2), pieces=3)
    apply(engine, notes=bundle(order=order, line=fields(PRICE, PIECES, formula("total", "price * pieces"), head=head)))
    assert get(engine, "line", row)["total"] == Decimal("6.00")


def test_formula_that_overflows_is_refused_before_anything_changes(make_engine):
    engine = make_engine(notes=note())
    for pieces in (10**17, 10**17, 1):
        put(engine, "note", price=Decimal(9), pieces=pieces)
    wanted = note(formula("total", "price * pieces"))
    drafted = plan(engine, notes=wanted)
    assert "note.total cannot be computed for 2 records: The result has more than 18 digits." in say(drafted)
    with pytest.raises(Conflict, match="cannot be computed for 2 records"):
        service.apply(engine, drafted, by=SYSTEM_USER)
    assert "total" not in engine.catalog().object("note").fields
    run(engine, "UPDATE d_note SET pieces = 2 WHERE pieces > 2")
    apply(engine, notes=wanted)
    assert run(engine, "SELECT count(*) FROM d_note WHERE total IS NULL") == [(0,)]


def test_overflow_after_planning_takes_everything_back(make_engine):
    engine = make_engine(notes=note(formula("total", "pieces"), formula("other", "pieces")))
    row = put(engine, "note", price=Decimal(9), pieces=2, total=Decimal(2), other=Decimal(2))
    drafted = plan(engine, notes=note(formula("total", "pieces + 1"), formula("other", "price * pieces")))
    put(engine, "note", price=Decimal(9), pieces=10**15, total=Decimal(10**15), other=Decimal(10**15))
    with pytest.raises(Conflict, match=r"note\.other cannot be computed for 1 record: "):
        service.apply(engine, drafted, by=SYSTEM_USER)
    assert get(engine, "note", row)["total"] == Decimal("2.00")
    assert get(engine, "note", row)["other"] == Decimal("2.00")
    with engine.database.open(write=False) as connection:
        assert engine.current(connection).fingerprint == drafted.base
    no_drift(engine)


def test_entered_values_are_kept_aside_when_a_formula_takes_over(make_engine):
    entered = note("name: total, type: decimal")
    engine = make_engine(notes=entered)
    row = put(engine, "note", price=Decimal(2), pieces=3, total=Decimal("7.77"))
    drafted = plan(engine, notes=note(formula("total", "price * pieces")))
    assert [type(step) for step in drafted.destructive] == [RetireColumn]
    assert "type: decimal → formula  computed for 1 record, 1 value kept for 30 days" in say(drafted)
    with pytest.raises(NotAllowed):
        service.apply(engine, drafted, by=SYSTEM_USER)
    service.apply(engine, drafted, by=SYSTEM_USER, allow_drop=True)
    assert get(engine, "note", row)["total"] == Decimal("6.00")
    assert run(engine, "SELECT count(*) FROM d_note WHERE total IS NOT NULL") == [(1,)]
    no_drift(engine)


def test_formula_that_goes_and_returns_is_computed_from_what_is_there_then(make_engine):
    whole = note(formula("total", "price * pieces"))
    engine = make_engine(notes=whole)
    row = put(engine, "note", price=Decimal(2), pieces=3, total=Decimal(6))
    assert not apply(engine, notes=note()).destructive
    run(engine, "UPDATE d_note SET pieces = 4")
    apply(engine, notes=whole)
    assert get(engine, "note", row)["total"] == Decimal("8.00")
    apply(engine, notes=bundle(), allow_drop=True)
    apply(engine, notes=note(formula("total", "price + pieces")))
    assert get(engine, "note", row)["total"] == Decimal("6.00")
    no_drift(engine)


@pytest.mark.postgres
def test_what_is_written_while_a_formula_is_computed_is_computed_too(make_engine, settings):
    engine = make_engine(notes=note(formula("total", "price * pieces")))
    early = put(engine, "note", price=Decimal(2), pieces=3, total=Decimal(6))
    other = open_engine(settings)
    drafted = plan(engine, notes=note(formula("total", "price + pieces"), formula("more", "total + 1")))
    ended = threading.Event()

    def go():
        service.apply(engine, drafted, by=SYSTEM_USER)
        ended.set()

    thread = threading.Thread(target=go)
    with other.database.open(write=True) as connection:
        other.current(connection)
        thread.start()
        assert not ended.wait(0.8)
        late = put_in(connection, other, "note", price=Decimal(5), pieces=5, total=Decimal(25))
    thread.join(20)
    assert ended.is_set()
    for row, total in ((early, 5), (late, 10)):
        found = get(engine, "note", row)
        assert (found["total"], found["more"]) == (Decimal(total), Decimal(total + 1))
    other.close()
