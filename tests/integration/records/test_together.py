"""several at once: writers, processes' catalogs, engines"""

from __future__ import annotations

import threading

import pytest

from dougong import engine as engines
from dougong.base.actor import SYSTEM_USER
from dougong.base.errors import DougongError, InvalidRecord, Stale
from dougong.features.accounts.work import work
from dougong.features.bundles import service as bundles
from dougong.records import service as records
from dougong.records.query import Query


def run_together(*jobs):
    results = [None] * len(jobs)
    gate = threading.Barrier(len(jobs))

    def run(position, job):
        gate.wait()
        try:
            results[position] = job()
        except DougongError as refused:
            results[position] = refused

    threads = [threading.Thread(target=run, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_two_writers_with_one_version_one_is_stale(engine, three_customers):
    record_id = three_customers["ann"]

    def write(employees):
        with work(engine, login="ann") as ctx:
            return records.update(ctx, "customer", record_id, {"employees": employees}, version=1).version

    results = run_together(lambda: write(1), lambda: write(2))
    assert sorted(type(each) is Stale for each in results) == [False, True]
    with work(engine, login="ann", write=False) as ctx:
        assert records.get(ctx, "customer", record_id).version == 2
        assert len(records.history(ctx, "customer", record_id)) == 2


def test_numbers_are_unique_where_many_create_at_once(engine):
    def create(prefix):
        for number in range(5):
            with work(engine, login="ann") as ctx:
                records.create(ctx, "customer", {"name": f"{prefix}{number}"})

    run_together(*(lambda prefix=prefix: create(prefix) for prefix in "ABCD"))
    with work(engine, write=False) as ctx:
        codes = [record["code"] for record in records.list(ctx, "customer", Query(limit=100))]
    assert sorted(code[-4:] for code in codes) == [f"{number:04}" for number in range(1, 21)]


def test_refused_write_leaves_nothing_behind_though_the_caller_goes_on(engine):
    with work(engine, login="ann") as ctx:
        records.create(ctx, "customer", {"name": "Kept"})
        with_sibling = {"name": "Kept", "tags": ["x"]}
        if ctx.dialect == "sqlite":  # PostgreSQL breaks off the whole transaction by itself
            for _ in range(2):
                with pytest.raises(InvalidRecord):
                    records.create(ctx, "customer", with_sibling)
    with work(engine, write=False) as ctx:
        assert [record["name"] for record in records.list(ctx, "customer")] == ["Kept"]


def test_published_field_is_there_at_the_next_request_of_every_engine(engine, three_customers):
    other = engines.open_engine(engine.settings)
    patch = (
        "kind: patch\nname: x_more\nlabel: More\npatches: object/customer\n"
        "change:\n  fields:\n    - {name: x_risk, type: integer, label: Risk}\n"
    )
    plan = bundles.plan_edit(engine, "site", "patches/x_more.yaml", patch)
    bundles.apply(engine, plan, by=SYSTEM_USER)
    try:
        with work(other, login="ann") as ctx:
            after = records.update(ctx, "customer", three_customers["ann"], {"x_risk": 3}, version=1)
            assert after["x_risk"] == 3
        with work(engine, login="ann", write=False) as ctx:
            assert records.get(ctx, "customer", three_customers["ann"])["x_risk"] == 3
    finally:
        other.close()


def test_two_engines_in_one_process_share_nothing(engine, instances, system_layer, dialect):
    lonely = instances.make(system_layer, dialect=dialect)
    try:
        with work(lonely, write=False) as ctx:
            assert "customer" not in ctx.catalog.objects
            assert records.list(ctx, "user").records == []
        with work(engine, write=False) as ctx:
            assert "customer" in ctx.catalog.objects
            assert len(records.list(ctx, "user").records) == 7
        assert lonely.holder is not engine.holder
        assert lonely.database.tables is not engine.database.tables
    finally:
        instances.drop(lonely)
