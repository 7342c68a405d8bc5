"""an apply that is killed, one that fails, and two at once"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time

import pytest
import sqlalchemy as sa

from dougong.base.actor import SYSTEM_USER
from dougong.base.errors import Conflict
from dougong.engine import open_engine
from dougong.features.bundles import service
from dougong.storage import apply as applying
from dougong.storage import drift, installed, tables
from dougong.storage.plan import describe
from dougong.testing.instances import Instances
from tests.integration.conftest import SYSTEM
from tests.integration.storage import killed
from tests.integration.storage.bundles import apply, bundle, fields, get, plan, put, put_in, run

PROCESSES = multiprocessing.get_context("forkserver")
"""Processes that begin with our modules imported, and with nothing else of this one."""
PROCESSES.set_forkserver_preload([killed.__name__])
NAMED = "title: title\n"
BEFORE = bundle(
    note=fields(
        "name: title, type: text",
        "name: size, type: text",
        "name: fax, type: text, index: true",
        "name: brief, type: formula, expr: lower(title), returns: text, stored: true",
        head=NAMED,
    )
)
AFTER = bundle(
    note=fields(
        "name: title, type: text, sortable: true",
        "name: size, type: integer, index: true",
        "name: about, type: lookup, to: topic",
        "name: twice, type: formula, expr: size * 2, returns: integer, stored: true",
        "name: brief, type: formula, expr: upper(title), returns: text, stored: true",
        head=NAMED,
    ),
    topic=fields("name: title, type: text, unique: true", head=NAMED),
)


def no_drift(engine):
    with engine.database.open(write=False) as connection:
        assert list(drift.find(connection, engine.current(connection))) == []


def die_at(moment, settings):
    """Apply in a process that is killed; give its exit code."""
    process = PROCESSES.Process(target=killed.main, args=(settings, moment, {"notes": AFTER}))
    process.start()
    process.join(60)
    return process.exitcode


@pytest.fixture
def instances(database_url, tmp_path):
    """Give a maker of instances that are copies of one another."""
    found = Instances(tmp_path / "instances", "" if database_url.startswith("sqlite") else database_url)
    found.folder.mkdir()
    yield found
    found.drop_all()


@pytest.mark.timeout(400)
def test_apply_killed_at_any_step_goes_on_or_never_was(instances, database_sort):
    layers = {**service.read_layers([SYSTEM]), "notes": BEFORE}
    engine = instances.make(layers, dialect=database_sort)
    row, bad = put(engine, "note", title="甲", size="12", fax="1"), put(engine, "note", title="b", size="big")
    steps = [describe(step) for step in plan(engine, notes=AFTER).steps]
    assert len(steps) > 8
    engine.close()
    moments = [*map(str, range(len(steps))), "in 1", "publish"]
    # Each moment has a process of its own. On SQLite, where all is one transaction, a few stand for all.
    for moment in moments if database_sort == "postgresql" else moments[::4]:
        settings = instances.settings(instances._copy(engine.settings.database_url, database_sort))
        died = die_at(moment, settings)
        assert died == -signal.SIGKILL, moment
        again = open_engine(settings)
        if database_sort == "postgresql":
            assert "topic" in again.catalog().objects, moment
        else:
            assert "topic" not in again.catalog().objects, moment
            apply(again, notes=AFTER, allow_drop=True)
        assert get(again, "note", row) == {
            "title": "甲",
            "size": 12,
            "about": None,
            "twice": 24,
            "brief": "甲",
        }, moment
        assert get(again, "note", bad)["brief"] == "B", moment
        assert get(again, "note", bad)["size"] is None, moment
        keys = dict(run(again, "SELECT title, title__key FROM d_note"))
        assert all(keys.values()), moment
        no_drift(again)
        assert plan(again, notes=AFTER).is_empty, moment
        assert {each.status for each in service.history(again)} == {"done"}, moment
        instances.drop(again)


def test_failing_apply_takes_back_what_it_added(make_engine):
    engine = make_engine(notes=bundle(note=fields("name: title, type: text")))
    put(engine, "note", title="one")
    wanted = bundle(note=fields("name: title, type: text, unique: true", "name: more, type: text, index: true"))
    drafted = plan(engine, notes=wanted)
    put(engine, "note", title="twice")
    put(engine, "note", title="twice")
    with pytest.raises(Conflict, match="more than once"):
        service.apply(engine, drafted, by=SYSTEM_USER)
    with engine.database.open(write=False) as connection:
        inspector = sa.inspect(connection)
        assert "more" not in {column["name"] for column in inspector.get_columns("d_note")}
        assert "more" not in {column["name"] for column in inspector.get_columns("d_note__history")}
        assert installed.fingerprint(connection) == drafted.base
        assert applying.unfinished(connection) is None
    no_drift(engine)
    run(engine, "DELETE FROM d_note WHERE title = 'twice'")
    apply(engine, notes=wanted)
    no_drift(engine)


def test_of_two_applies_at_once_one_is_refused(make_engine, settings):
    first = make_engine(notes=bundle(note=fields("name: title, type: text")))
    second = open_engine(settings)
    plans = [
        (engine, plan(engine, notes=bundle(note=fields("name: title, type: text", f"name: more{number}, type: text"))))
        for number, engine in enumerate((first, second))
    ]
    outcomes: list[str] = []

    def go(engine, drafted):
        try:
            service.apply(engine, drafted, by=SYSTEM_USER)
            outcomes.append("done")
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=go, args=each) for each in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    second.close()
    no_drift(first)


def test_published_field_holds_in_every_process_at_its_next_unit_of_work(make_engine, settings):
    first = make_engine(notes=bundle(note=fields("name: title, type: text"), other=fields("name: title, type: text")))
    second = open_engine(settings)
    assert first.catalog() is not second.catalog()
    unchanged = tables.of(second.database, second.catalog(), "other")
    changed = tables.of(second.database, second.catalog(), "note")
    apply(
        first,
        notes=bundle(
            note=fields("name: title, type: text", "name: more, type: text"), other=fields("name: title, type: text")
        ),
    )
    assert "more" not in second.catalog().object("note").fields
    with second.database.open(write=False) as connection:
        assert "more" in second.current(connection).object("note").fields
    assert tables.of(second.database, second.catalog(), "other") is unchanged
    assert tables.of(second.database, second.catalog(), "note") is not changed
    assert first.database.tables is not second.database.tables
    second.close()


@pytest.mark.postgres
def test_publishing_waits_for_who_writes_with_the_old_catalog(make_engine, settings):
    engine = make_engine(notes=bundle(note=fields("name: title, type: text")))
    early = put(engine, "note", title="乙")
    other = open_engine(settings)
    drafted = plan(engine, notes=bundle(note=fields("name: title, type: text, sortable: true")))
    ended = threading.Event()

    def go():
        service.apply(engine, drafted, by=SYSTEM_USER)
        ended.set()

    thread = threading.Thread(target=go)
    with other.database.open(write=True) as connection:
        other.current(connection)
        thread.start()
        assert not ended.wait(0.8)
        late = put_in(connection, other, "note", title="甲")
    thread.join(20)
    assert ended.is_set()
    keys = dict(run(engine, "SELECT id, title__key FROM d_note"))
    assert all(keys.values())
    assert {str(key) for key in keys} == {early, late}
    other.close()


@pytest.mark.postgres
def test_busy_table_keeps_nobody_waiting_for_long(make_engine, settings):
    engine = make_engine(notes=bundle(note=fields("name: title, type: text")))
    put(engine, "note", title="a")
    drafted = plan(engine, notes=bundle(note=fields("name: title, type: text", "name: more, type: text")))
    thread = threading.Thread(target=service.apply, args=(engine, drafted), kwargs={"by": SYSTEM_USER})
    reader = sa.create_engine(settings.database_url)
    with reader.connect() as holding:
        holding.exec_driver_sql("SELECT title FROM d_note").all()
        thread.start()
        longest = 0.0
        for _ in range(20):
            began = time.perf_counter()
            with reader.connect() as connection:
                connection.exec_driver_sql("SELECT title FROM d_note").all()
            longest = max(longest, time.perf_counter() - began)
            time.sleep(0.05)
    thread.join(20)
    reader.dispose()
    assert longest < 1.0
    assert "more" in engine.catalog().object("note").fields
