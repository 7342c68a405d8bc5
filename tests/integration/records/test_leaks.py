"""ways around a right that a reader found: each is closed, and stays so"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import pytest

from dougong.base.clock import FixedClock
from dougong.base.errors import InvalidRecord, NotAllowed
from dougong.features.accounts.work import work
from dougong.features.exchange import writing
from dougong.records import service as records
from dougong.records.query import Query


def sale_of(customer, product, **more):
    return {"number": "1", "customer": customer, "lines": [{"product": product, "quantity": 1, "price": 1}], **more}


def test_narrow_token_gets_no_statement_that_a_wider_right_made(engine, as_user, three_customers, product):
    with as_user("ann") as ctx:
        records.create(ctx, "sale", sale_of(three_customers["ann"], product))
        wide = ctx.actor
    narrow = replace(wide, token_scope=frozenset({"sale:read"}))
    for _ in range(2):
        for actor, seen in ((wide, "Ann's"), (narrow, None)):
            with work(engine, actor=actor, write=False) as ctx:
                (sale,) = records.list(ctx, "sale", Query(fields=("customer.name",)))
                assert sale["customer.name"] == seen
                assert records.get(ctx, "sale", sale.id, fields=("customer.name",))["customer.name"] == seen


def test_sum_over_lines_leaves_out_what_lies_out_of_scope(as_user, three_customers, product):
    with as_user("admin") as ctx:
        line = {"product": product, "quantity": 1, "price": 1, "gift_for": three_customers["bob"]}
        sale = {
            "number": "1",
            "customer": three_customers["ann"],
            "owner": owner_of(ctx, three_customers["ann"]),
            "lines": [line],
        }
        records.create(ctx, "sale", sale)
    with as_user("ann", write=False) as ctx:
        assert not records.list(ctx, "sale", Query(where='count(lines.gift_for.name == "Bob\'s") > 0')).records
    with as_user("admin", write=False) as ctx:
        assert records.list(ctx, "sale", Query(where='count(lines.gift_for.name == "Bob\'s") > 0')).records


def owner_of(ctx, customer_id):
    return records.get(ctx, "customer", customer_id)["owner"]


def test_sum_over_lines_leaves_out_products_out_of_sight(as_user, three_customers, product):
    with as_user("cleo", write=False) as ctx:
        cleo = ctx.actor.id
    with as_user("admin") as ctx:
        records.create(ctx, "sale", sale_of(three_customers["ann"], product, owner=cleo))
    with as_user("cleo", write=False) as ctx:
        assert len(records.list(ctx, "sale").records) == 1
        assert not records.list(ctx, "sale", Query(where="sum(lines.product.price) > 0")).records
    with as_user("admin", write=False) as ctx:
        assert records.list(ctx, "sale", Query(where="sum(lines.product.price) > 0")).records


def test_creator_without_update_enters_lines(engine, as_user, three_customers):
    with work(engine, reason="a dear product") as ctx:
        gold = records.create(ctx, "product", {"name": "Gold", "price": "9"}).id
    with as_user("cleo") as ctx:
        sale = records.create(ctx, "sale", sale_of(three_customers["ann"], gold))
        assert len(sale["lines"]) == 1


def test_versions_of_one_unit_of_work_are_all_told(as_user):
    with as_user("ann") as ctx:
        made = records.create(ctx, "customer", {"name": "A"})
        records.update(ctx, "customer", made.id, {"employees": 1}, version=1)
        records.update(ctx, "customer", made.id, {"employees": 2}, version=2)
        told = records.history(ctx, "customer", made.id)
    assert [each.op for each in told] == ["updated", "updated", "created"]
    assert [[(one.field, one.before, one.after) for one in each.changes] for each in told[:2]] == [
        [("employees", 1, 2)],
        [("employees", None, 1)],
    ]


def test_export_holds_what_may_be_exported_and_no_more(as_user, three_customers):
    for login, count in (("cleo", 0), ("admin", 3)):
        with as_user(login, write=False) as ctx:
            assert len(records.list(ctx, "customer").records) == 3
            out = io.BytesIO()
            assert writing.export(ctx, "customer", out, fields=("name",)) == count


def test_line_named_twice_is_refused(as_user, three_customers, product):
    with as_user("ann") as ctx:
        sale = records.create(ctx, "sale", sale_of(three_customers["ann"], product))
        line = {"id": sale["lines"][0].id, "quantity": 2}
        with pytest.raises(InvalidRecord) as refused:
            records.update(ctx, "sale", sale.id, {"lines": [line, line]}, version=1)
    assert list(refused.value.by_field) == ["lines[1]"]


def test_one_that_is_not_mine_does_not_take_the_others_with_it(engine, as_user):
    with as_user("admin", write=False) as ctx:
        bob = records.list(ctx, "user", Query(where='login == "bob"')).records[0].id
    with work(engine, login="ann") as ctx:
        actor = replace(ctx.actor, roles=ctx.actor.roles | {"chief"})
    with work(engine, actor=actor) as ctx:
        done = records.create_many(ctx, "customer", [{"name": "Mine"}, {"name": "His", "owner": bob}], atomic=False)
        assert [each.is_saved for each in done] == [True, False]
        assert done[1].errors[""][0].show("en").startswith("You may not create")
    with as_user("admin", write=False) as ctx:
        assert [record["name"] for record in records.list(ctx, "customer")] == ["Mine"]


def test_plugins_hear_of_changes_after_the_commit(engine, as_user, monkeypatch):
    heard = []
    extensions = replace(
        engine.extensions, moments=type("Ears", (), {"records_changed": lambda self, *, events: heard.append(events)})()
    )
    with work(replace(engine, extensions=extensions), login="ann") as ctx:
        records.create(ctx, "customer", {"name": "A"})
        assert heard == []
    assert [[event.happened for event in events] for events in heard] == [["created"]]


def test_token_that_may_not_is_told_so(engine, as_user):
    with as_user("ann", write=False) as ctx:
        narrow = replace(ctx.actor, token_scope=frozenset({"customer:read"}))
    with work(engine, actor=narrow) as ctx, pytest.raises(NotAllowed) as refused:
        records.create(ctx, "customer", {"name": "A"})
    assert refused.value.message.code == "token_scope"


def test_what_lies_behind_a_lookup_is_computed_for_each_day_anew(engine, as_user, three_customers, product):
    with as_user("admin") as ctx:
        customer = three_customers["ann"]
        version = records.get(ctx, "customer", customer).version
        records.update(ctx, "customer", customer, {"since": "2026-01-01"}, version=version)
        records.create(ctx, "sale", sale_of(customer, product))
    for day, age in ((2, 1), (3, 2)):
        moment = dt.datetime(2026, 1, day, 12, tzinfo=dt.UTC)
        with work(replace(engine, clock=FixedClock(moment)), write=False, reason="another day") as ctx:
            (sale,) = records.list(ctx, "sale", Query(fields=("customer.age",))).records
            assert sale["customer.age"] == age
