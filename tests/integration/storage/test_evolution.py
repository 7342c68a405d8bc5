"""definitions change, values stay"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa

from dougong.base.actor import SYSTEM_USER
from dougong.base.errors import Conflict, NotAllowed
from dougong.features.bundles import service
from dougong.storage import drift, shapes, sweep, tables
from dougong.storage.plan import AddColumn, ConvertColumn, RenameField, RenameObject, RetireColumn, from_data, say
from tests.integration.storage.bundles import apply, bundle, fields, get, plan, put, run

TITLE = "name: title, type: text, required: true"
NAMED = "title: title\n"


def no_drift(engine):
    with engine.database.open(write=False) as connection:
        assert list(drift.find(connection, engine.current(connection))) == []


def test_shipped_bundles_install_and_leave_nothing_to_do(make_engine, settings):
    engine = make_engine()
    layers = service.read_layers([settings.definitions])
    apply(engine, **layers)
    assert plan(engine, **layers).is_empty
    no_drift(engine)


def test_new_field_takes_part_at_once_and_old_rows_stay(make_engine):
    engine = make_engine(notes=bundle(note=fields(TITLE)))
    old = put(engine, "note", title="old")
    done = apply(engine, notes=bundle(note=fields(TITLE, "name: done, type: boolean", "name: amount, type: integer")))
    assert [type(step) for step in done.steps] == [AddColumn, AddColumn]
    assert get(engine, "note", old) == {"title": "old", "done": False, "amount": None}
    new = put(engine, "note", title="new", done=True, amount=3)
    assert get(engine, "note", new) == {"title": "new", "done": True, "amount": 3}
    no_drift(engine)


def test_rename_is_logical_and_may_skip_versions(make_engine):
    engine = make_engine(notes=bundle(note=fields("name: first, type: text")))
    row = put(engine, "note", first="kept")
    done = apply(engine, notes=bundle(note=fields("name: third, type: text, was: [second, first]")))
    assert list(done.steps) == [RenameField("note", "first", "third")]
    assert get(engine, "note", row) == {"third": "kept"}
    apply(engine, notes=bundle(memo=fields("name: third, type: text, was: [second, first]", head="was: note\n")))
    assert get(engine, "memo", row) == {"third": "kept"}
    assert engine.catalog().physical.table("memo") == "d_note"
    done = apply(
        engine, notes=bundle(memo=fields("name: third, type: text", "name: first, type: text", head="was: note\n"))
    )
    assert engine.catalog().physical.column("memo", "third") == "first"
    assert engine.catalog().physical.column("memo", "first") == "first__v2"
    assert not any(isinstance(step, RenameObject) for step in done.steps)
    no_drift(engine)


def test_dropped_field_with_values_wants_consent_and_comes_back_whole(make_engine):
    engine = make_engine(notes=bundle(note=fields(TITLE, "name: fax, type: text")))
    row = put(engine, "note", title="a", fax="123")
    put(engine, "note", title="b")
    drafted = plan(engine, notes=bundle(note=fields(TITLE)))
    assert "- note.fax" in say(drafted)
    assert "1 value kept for 30 days" in say(drafted)
    with pytest.raises(NotAllowed):
        apply(engine, notes=bundle(note=fields(TITLE)))
    apply(engine, notes=bundle(note=fields(TITLE)), allow_drop=True)
    assert get(engine, "note", row) == {"title": "a"}
    apply(engine, notes=bundle(note=fields(TITLE, "name: fax, type: text")))
    assert get(engine, "note", row) == {"title": "a", "fax": "123"}
    no_drift(engine)


def test_dropped_field_of_other_type_gets_a_column_of_its_own(make_engine):
    engine = make_engine(notes=bundle(note=fields(TITLE, "name: size, type: text")))
    put(engine, "note", title="a", size="big")
    apply(engine, notes=bundle(note=fields(TITLE)), allow_drop=True)
    apply(engine, notes=bundle(note=fields(TITLE, "name: size, type: integer")))
    assert engine.catalog().physical.column("note", "size") == "size__v2"
    no_drift(engine)


def test_change_of_type_converts_what_can_be_read_and_keeps_the_rest(make_engine):
    engine = make_engine(notes=bundle(note=fields(TITLE, "name: size, type: text")))
    good = put(engine, "note", title="a", size="12")
    bad = put(engine, "note", title="b", size="big")
    put(engine, "note", title="c")
    wanted = bundle(note=fields(TITLE, "name: size, type: integer"))
    drafted = plan(engine, notes=wanted)
    step = next(step for step in drafted.steps if isinstance(step, ConvertColumn))
    assert (step.expected, step.lost) == (1, 1)
    assert "1 values converted, 1 cannot be and are kept aside" in say(drafted)
    with pytest.raises(NotAllowed):
        apply(engine, notes=wanted)
    apply(engine, notes=wanted, allow_drop=True)
    assert get(engine, "note", good)["size"] == 12
    assert get(engine, "note", bad)["size"] is None
    assert run(engine, "SELECT size FROM d_note ORDER BY title") == [("12",), ("big",), (None,)]
    no_drift(engine)


@pytest.mark.parametrize(
    ("was", "value", "now", "expected"),
    [
        ("type: integer", 12, "type: decimal, scale: 2", Decimal("12.00")),
        ("type: decimal, scale: 2", Decimal("1280.50"), "type: decimal, scale: 4", Decimal("1280.5000")),
        ("type: decimal, scale: 2", Decimal("1280.50"), "type: text", "1280.50"),
        ("type: date", dt.date(2026, 2, 3), "type: text", "2026-02-03"),
        ("type: text", "2026-02-03", "type: date", dt.date(2026, 2, 3)),
        ("type: text, max_length: 10", "same", "type: text, max_length: 90", "same"),
        ("type: text", "same", "type: long_text", "same"),
    ],
)
def test_value_survives_a_change_of_type(make_engine, was, value, now, expected):
    engine = make_engine(notes=bundle(note=fields(f"name: value, {was}")))
    row = put(engine, "note", value=value)
    apply(engine, notes=bundle(note=fields(f"name: value, {now}")))
    assert get(engine, "note", row) == {"value": expected}
    no_drift(engine)


def test_further_column_of_a_field_is_filled_from_its_value(make_engine):
    engine = make_engine(notes=bundle(note=fields("name: title, type: text")))
    rows = [put(engine, "note", title=name) for name in ("北京", "安徽")]
    apply(engine, notes=bundle(note=fields("name: title, type: text, sortable: true")))
    found = tables.of(engine.database, engine.catalog(), "note")
    assert [column.name for column in found.columns["title"]] == ["title", "title__key"]
    keys = dict(run(engine, "SELECT title, title__key FROM d_note"))
    assert keys["安徽"] < keys["北京"]
    assert get(engine, "note", rows[0]) == {"title": "北京"}
    apply(engine, notes=bundle(note=fields("name: title, type: text")))
    assert get(engine, "note", rows[0]) == {"title": "北京"}
    no_drift(engine)


def test_new_unique_field_is_refused_while_values_clash(make_engine):
    engine = make_engine(notes=bundle(note=fields(TITLE)))
    put(engine, "note", title="twice")
    other = put(engine, "note", title="twice")
    wanted = bundle(note=fields("name: title, type: text, unique: true"))
    assert "cannot become unique" in say(plan(engine, notes=wanted))
    with pytest.raises(Conflict, match="more than once"):
        apply(engine, notes=wanted)
    run(engine, "UPDATE d_note SET title = 'once' WHERE id = :id", id=other)
    apply(engine, notes=wanted)
    with pytest.raises(sa.exc.IntegrityError):
        put(engine, "note", title="once")
    no_drift(engine)


def test_lookups_are_held_by_the_database_also_in_circles(make_engine):
    engine = make_engine(
        notes=bundle(
            one=fields(TITLE, "name: other, type: lookup, to: two", "name: self, type: lookup, to: one", head=NAMED),
            two=fields(TITLE, "name: back, type: lookup, to: one", head=NAMED),
        )
    )
    two = put(engine, "two")
    one = put(engine, "one", other=two)
    put(engine, "one", other=two, self=one)
    with pytest.raises(sa.exc.IntegrityError):
        put(engine, "two", back=two)
    with pytest.raises(sa.exc.IntegrityError):
        run(engine, "DELETE FROM d_two WHERE id = :id", id=two)
    apply(
        engine,
        notes=bundle(
            one=fields(TITLE, "name: other, type: lookup, to: two", "name: self, type: lookup, to: one", head=NAMED),
            two=fields(TITLE, "name: back, type: lookup, to: one", "name: later, type: lookup, to: two", head=NAMED),
        ),
    )
    with pytest.raises(sa.exc.IntegrityError):
        put(engine, "two", later=one)
    no_drift(engine)


def test_kept_lookup_no_longer_holds_the_other_record(make_engine):
    both = {"two": fields(TITLE, head=NAMED)}
    engine = make_engine(notes=bundle(one=fields(TITLE, "name: other, type: lookup, to: two"), **both))
    kept, gone = put(engine, "two", title="kept"), put(engine, "two", title="gone")
    first, second = put(engine, "one", title="a", other=kept), put(engine, "one", title="b", other=gone)
    apply(engine, notes=bundle(one=fields(TITLE), **both), allow_drop=True)
    run(engine, "DELETE FROM d_two WHERE id = :id", id=gone)
    apply(engine, notes=bundle(one=fields(TITLE, "name: other, type: lookup, to: two"), **both))
    assert get(engine, "one", first)["other"] == kept
    assert get(engine, "one", second)["other"] is None
    with pytest.raises(sa.exc.IntegrityError):
        run(engine, "DELETE FROM d_two WHERE id = :id", id=kept)
    no_drift(engine)


def test_dropped_object_keeps_its_records_aside_and_comes_back(make_engine):
    whole = bundle(one=fields(TITLE, "name: other, type: lookup, to: two"), two=fields(TITLE, head=NAMED))
    engine = make_engine(notes=whole)
    two = put(engine, "two", title="target")
    one = put(engine, "one", title="kept", other=two)
    drafted = apply(engine, notes=bundle(two=fields(TITLE, head=NAMED)), allow_drop=True)
    assert "1 record kept for 30 days" in say(drafted)
    assert "one" not in engine.catalog().objects
    no_drift(engine)
    apply(engine, notes=whole)
    assert get(engine, "one", one) == {"title": "kept", "other": two}
    with pytest.raises(sa.exc.IntegrityError):
        run(engine, "DELETE FROM d_two WHERE id = :id", id=two)
    no_drift(engine)


def test_what_is_kept_aside_is_swept_after_thirty_days(make_engine, clock):
    engine = make_engine(notes=bundle(note=fields(TITLE, "name: fax, type: text"), old=fields(TITLE)))
    put(engine, "note", title="a", fax="1")
    put(engine, "old", title="a")
    apply(engine, notes=bundle(note=fields(TITLE)), allow_drop=True)
    clock.move(days=29)
    assert sweep.sweep(engine.database, clock) == 0
    clock.move(days=2)
    assert sweep.sweep(engine.database, clock) == 2
    with engine.database.open(write=False) as connection:
        inspector = sa.inspect(connection)
        assert "fax" not in {column["name"] for column in inspector.get_columns("d_note")}
        assert not inspector.has_table("d_old")
    assert sweep.sweep(engine.database, clock) == 0
    no_drift(engine)


def test_names_that_history_needs_are_free_for_authors(make_engine):
    engine = make_engine(
        notes=bundle(price=fields("name: valid_from, type: date", "name: change, type: text", "name: op, type: text"))
    )
    row = put(engine, "price", valid_from=dt.date(2026, 1, 1), change="x", op="y")
    assert get(engine, "price", row) == {"valid_from": dt.date(2026, 1, 1), "change": "x", "op": "y"}
    found = tables.of(engine.database, engine.catalog(), "price")
    assert {"change", "valid_from", "valid_to", "op", "n", "change_", "valid_from_"} <= set(found.history.c.keys())


def test_author_may_give_physical_names_once(make_engine):
    given = fields("name: number, type: text, column: pla_no", head="table: sal_plan\n")
    engine = make_engine(notes=bundle(plan=given))
    row = put(engine, "plan", number="7")
    assert run(engine, "SELECT pla_no FROM sal_plan") == [("7",)]
    apply(engine, notes=bundle(plan=fields("name: number, type: text, column: other", head="table: else\n")))
    assert get(engine, "plan", row) == {"number": "7"}


def test_table_that_is_not_ours_is_left_alone(make_engine):
    engine = make_engine()
    run(engine, "CREATE TABLE sal_plan (x INTEGER)")
    wanted = bundle(plan=fields("name: number, type: text", head="table: sal_plan\n"))
    with pytest.raises(Conflict, match="already that is not ours"):
        apply(engine, notes=wanted)
    assert run(engine, "SELECT x FROM sal_plan") == []


def test_plan_survives_a_file_and_is_refused_when_stale(make_engine):
    engine = make_engine(notes=bundle(note=fields(TITLE)))
    drafted = plan(engine, notes=bundle(note=fields(TITLE, "name: more, type: text")))
    read = from_data(drafted.as_data())
    assert read == drafted
    assert read.digest == drafted.digest
    service.apply(engine, read, by="00000000-0000-7000-8000-000000000001")
    assert "more" in engine.catalog().object("note").fields
    with pytest.raises(Conflict, match="changed since"):
        service.apply(engine, read, by="00000000-0000-7000-8000-000000000001")
    with pytest.raises(Conflict, match="changed since"):
        service.apply(engine, drafted, by="00000000-0000-7000-8000-000000000001")


def test_undo_gives_back_what_was_there(make_engine):
    engine = make_engine(notes=bundle(note=fields(TITLE, "name: fax, type: text")))
    row = put(engine, "note", title="a", fax="1")
    before = service.layers(engine)
    apply(engine, notes=bundle(note=fields(TITLE)), allow_drop=True)
    service.apply(engine, service.undo(engine), by="00000000-0000-7000-8000-000000000001")
    assert service.layers(engine) == before
    assert get(engine, "note", row) == {"title": "a", "fax": "1"}
    assert [each.status for each in service.history(engine)][:2] == ["done", "done"]


def test_index_follows_from_views_and_goes_with_them(make_engine):
    view = "kind: view\nname: notes\nlabel: Notes\nobject: note\ncolumns: [{name: title}]\nsort: [-title]\n"
    texts = bundle(note=fields("name: title, type: text, sortable: true"))
    engine = make_engine(notes={**texts, "views/notes.yaml": view})
    indexed = {index.columns for index in shapes.of(engine.catalog(), "note").indexes}
    assert {("title__key", "id"), ("owner", "title__key", "id"), ("unit", "title__key", "id")} <= indexed
    no_drift(engine)
    apply(engine, notes=texts)
    with engine.database.open(write=False) as connection:
        there = {tuple(index["column_names"]) for index in sa.inspect(connection).get_indexes("d_note")}
    assert ("title__key", "id") not in there
    no_drift(engine)


def test_edit_in_the_browser_reaches_the_site_and_not_a_vendor(make_engine):
    engine = make_engine(notes=bundle(note=fields(TITLE)))
    patch = (
        "kind: patch\nname: x_note_more\npatches: object/note\nchange:\n  fields:\n    - {name: x_more, type: text}\n"
    )
    drafted = service.plan_edit(engine, "site", "patches/x_note_more.yaml", patch, engine.catalog().fingerprint)
    assert "+ note.x_more" in say(drafted)
    service.apply(engine, drafted, by="00000000-0000-7000-8000-000000000001")
    assert "x_more" in engine.catalog().object("note").fields
    assert list(service.site_files(engine)) == ["patches/x_note_more.yaml"]
    with pytest.raises(NotAllowed, match="patch"):
        service.plan_edit(engine, "notes", "objects/note.yaml", "x", None)
    with pytest.raises(Conflict, match="changed since"):
        service.plan_edit(engine, "site", "patches/x_note_more.yaml", None, drafted.base)


def test_broken_definitions_change_nothing(make_engine):
    engine = make_engine(notes=bundle(note=fields(TITLE)))
    with pytest.raises(service.DefinitionProblems) as refused:
        plan(engine, notes=bundle(note=fields("name: title, type: texd")))
    assert refused.value.problems[0].hint == "did you mean 'text'?"


def test_destructive_step_is_known_as_such(make_engine):
    engine = make_engine(notes=bundle(note=fields(TITLE, "name: fax, type: text")))
    assert not plan(engine, notes=bundle(note=fields(TITLE))).destructive
    put(engine, "note", title="a", fax="1")
    assert [type(step) for step in plan(engine, notes=bundle(note=fields(TITLE))).destructive] == [RetireColumn]


def test_plan_that_wants_back_what_was_dropped_meanwhile_is_refused(make_engine, clock):
    whole = bundle(note=fields(TITLE, "name: fax, type: text"))
    engine = make_engine(notes=whole)
    put(engine, "note", title="a", fax="1")
    apply(engine, notes=bundle(note=fields(TITLE)), allow_drop=True)
    drafted = plan(engine, notes=whole)
    clock.move(days=31)
    assert service.drop_old(engine) == 1
    with pytest.raises(Conflict, match="dropped meanwhile"):
        service.apply(engine, drafted, by=SYSTEM_USER)
    apply(engine, notes=whole)
    no_drift(engine)


def test_undo_twice_asks_which_plan_is_meant(make_engine):
    engine = make_engine(notes=bundle(note=fields("name: title, type: text")))
    apply(engine, notes=bundle(note=fields("name: title, type: text", "name: one, type: text")))
    apply(
        engine, notes=bundle(note=fields("name: title, type: text", "name: one, type: text", "name: two, type: text"))
    )
    second, first, *_ = service.history(engine)
    planned = service.undo(engine)
    assert planned.undoes == second.id
    undone = service.apply(engine, planned, by=SYSTEM_USER, allow_drop=True)
    assert service.history(engine)[0].undoes == second.id
    with pytest.raises(Conflict) as told:
        service.undo(engine)
    assert f"took back {second.id}" in str(told.value)
    assert f"dougong undo {undone}" in str(told.value)
    assert f"dougong undo {first.id}" in str(told.value)
    service.apply(engine, service.undo(engine, first.id), by=SYSTEM_USER, allow_drop=True)
    assert set(engine.catalog().object("note").fields) & {"one", "two"} == set()
    again = service.history(engine)[0].id
    service.apply(engine, service.undo(engine, again), by=SYSTEM_USER)
    assert set(engine.catalog().object("note").fields) & {"one", "two"} == {"one"}
