"""the gate: what may be read and written, by whom, and what is left behind"""

from __future__ import annotations

from decimal import Decimal

import pytest

from dougong.base.errors import (
    BadRequest,
    Conflict,
    InvalidRecord,
    NotAllowed,
    NotFound,
    Stale,
    VersionMissing,
)
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.records.aggregate import Group, Measured
from dougong.records.query import Query


def codes(error: InvalidRecord) -> dict[str, list[str]]:
    return {name: [message.code for message in messages] for name, messages in error.by_field.items()}


def names(page: records.Page) -> list[str]:
    return [record["name"] for record in page]


def test_created_record_reads_back_as_it_was_entered(as_user):
    with as_user("ann") as ctx:
        made = records.create(
            ctx,
            "customer",
            {
                "name": " 北京云图 ",
                "level": "a",
                "employees": "1200",
                "since": "2026-02-01",
                "tags": ["y", "x"],
            },
        )
        assert made["name"] == "北京云图"
    with as_user("ann", write=False) as ctx:
        read = records.get(ctx, "customer", made.id)
        assert read.values["employees"] == 1200
        assert read["code"] == "C-2026-0001"
        assert set(read["tags"]) == {"x", "y"}
        assert read["owner"] == ctx.actor.id
        assert read["unit"] == ctx.actor.unit
        assert read.version == 1
        assert read["active"] is False
        assert made.values == read.values


def test_required_fields_and_rules_are_all_reported_at_once(as_user):
    with as_user("ann") as ctx:
        with pytest.raises(InvalidRecord) as refused:
            records.create(ctx, "customer", {"name": "Big", "employees": 500, "since": "never"})
        assert codes(refused.value).keys() == {"since", "level"}
        with pytest.raises(InvalidRecord) as refused:
            records.create(ctx, "customer", {"employees": "many", "level": "q", "colour": "red"})
        assert codes(refused.value).keys() == {"name", "employees", "level", "colour"}
        with pytest.raises(InvalidRecord) as refused:
            records.create(ctx, "customer", {"name": "Big", "employees": 500})
        assert codes(refused.value) == {"level": ["rule.big_ones_have_a_level"]}
        with pytest.raises(InvalidRecord) as refused:
            records.create(ctx, "customer", {"name": "B", "level": "b"})
        assert codes(refused.value) == {"reason": ["required"]}


def test_rule_speaks_the_language_of_who_asks(as_user):
    with as_user("ann") as ctx:
        with pytest.raises(InvalidRecord) as refused:
            records.create(ctx, "customer", {"name": "Big", "employees": 500})
        assert refused.value.by_field["level"][0].show("zh-CN") == "超过 100 人的客户请选择级别。"


def test_unique_field_refuses_the_second_record(as_user):
    with as_user("ann") as ctx:
        records.create(ctx, "customer", {"name": "Same"})
    with as_user("bob") as ctx, pytest.raises(InvalidRecord) as refused:
        records.create(ctx, "customer", {"name": "Same"})
    assert codes(refused.value) == {"name": ["duplicate"]}


@pytest.mark.parametrize("name", ["id", "version", "created_at", "updated_by", "code", "double_credit"])
def test_nobody_enters_what_the_system_gives(as_user, name):
    with as_user("ann") as ctx, pytest.raises(InvalidRecord) as refused:
        records.create(ctx, "customer", {"name": "X", name: "1"})
    assert name in codes(refused.value)


def test_list_has_exactly_the_records_that_open(as_user, three_customers):
    for login in ("ann", "bob", "eve", "boss", "admin"):
        with as_user(login, write=False) as ctx:
            listed = {record.id for record in records.list(ctx, "customer", Query(sort=("name",)))}
            opened = set()
            for record_id in three_customers.values():
                try:
                    opened.add(records.get(ctx, "customer", record_id).id)
                except NotFound:
                    continue
            assert listed == opened, login


def test_scopes_reach_what_they_say(as_user, three_customers):
    seen = {}
    for login in ("ann", "bob", "eve", "admin"):
        with as_user(login, write=False) as ctx:
            page = records.list(ctx, "customer", Query(sort=("-name",), count="exact"))
            seen[login] = names(page)
            assert page.count == len(page.records)
    assert seen == {
        "ann": ["Ann's"],
        "bob": ["Bob's"],
        "eve": ["Bob's", "Ann's"],
        "admin": ["Nobody's", "Bob's", "Ann's"],
    }


def test_nobody_sees_anything_without_a_grant(as_user, three_customers):
    with as_user("nil", write=False) as ctx:
        with pytest.raises(NotAllowed):
            records.list(ctx, "customer", Query(sort=("name",)))
        with pytest.raises(NotAllowed):
            records.aggregate(ctx, "customer", measures=[Measured("n", "count")])
        with pytest.raises(NotFound):
            records.get(ctx, "customer", three_customers["ann"])


def test_sensitive_field_does_not_exist_until_revealed(as_user, three_customers):
    with as_user("ann", write=False) as ctx:
        record = records.get(ctx, "customer", three_customers["ann"])
        assert "credit" not in record.values
        assert "double_credit" not in record.values
        for asked in (
            Query(where="credit > 5"),
            Query(sort=("credit",)),
            Query(fields=("credit",)),
            Query(where="double_credit > 1"),
        ):
            with pytest.raises(BadRequest) as refused:
                records.list(ctx, "customer", asked)
            assert refused.value.message.code in ("filter", "unknown_field")
    with as_user("eve", write=False) as ctx:
        record = records.get(ctx, "customer", three_customers["ann"])
        assert record["credit"].amount == Decimal("10.00")
        assert record["double_credit"] == Decimal("20.00")


def test_out_of_scope_is_not_found_and_visible_without_verb_is_not_allowed(as_user, three_customers):
    with as_user("ann") as ctx:
        with pytest.raises(NotFound):
            records.update(ctx, "customer", three_customers["bob"], {"name": "Mine"}, last_write=True)
        with pytest.raises(NotFound):
            records.delete(ctx, "customer", three_customers["bob"], last_write=True)
    with as_user("eve") as ctx:
        with pytest.raises(NotAllowed):
            records.delete(ctx, "customer", three_customers["ann"], last_write=True)
        with pytest.raises(NotAllowed):
            records.create(ctx, "customer", {"name": "Eve's"})


def test_lookup_of_a_record_out_of_sight_is_unknown(as_user, three_customers, product):
    with as_user("ann") as ctx, pytest.raises(InvalidRecord) as refused:
        records.create(
            ctx,
            "sale",
            {
                "number": "1",
                "customer": three_customers["bob"],
                "lines": [{"product": product, "quantity": 1, "price": 1}],
            },
        )
    assert codes(refused.value) == {"customer": ["unknown_record"]}


def test_path_rule_reaches_by_who_owns_the_customer(as_user, three_customers, product):
    with as_user("ann") as ctx:
        sale = records.create(
            ctx,
            "sale",
            {
                "number": "1",
                "customer": three_customers["ann"],
                "lines": [{"product": product, "quantity": 1, "price": 1}],
            },
        )
    with as_user("eve", write=False) as ctx:
        assert not names_of_sales(ctx)  # Eve's own unit is above Ann's, and the rule asks for the very unit
    with as_user("boss", write=False) as ctx:
        assert names_of_sales(ctx) == ["1"]
        assert records.get(ctx, "sale", sale.id)["total"] == Decimal("1.00")


def names_of_sales(ctx) -> list[str]:
    return [record["number"] for record in records.list(ctx, "sale")]


def test_stale_and_missing_versions_are_refused(as_user, three_customers):
    record_id = three_customers["ann"]
    with as_user("ann") as ctx:
        with pytest.raises(VersionMissing):
            records.update(ctx, "customer", record_id, {"employees": 5})
        after = records.update(ctx, "customer", record_id, {"employees": 5}, version=1)
        assert after.version == 2
    with as_user("ann") as ctx, pytest.raises(Stale) as refused:
        records.update(ctx, "customer", record_id, {"employees": 6}, version=1)
    assert refused.value.current == 2


def test_an_update_that_changes_nothing_leaves_no_trace(as_user, three_customers):
    record_id = three_customers["ann"]
    with as_user("ann") as ctx:
        assert records.update(ctx, "customer", record_id, {"name": "Ann's"}, version=1).version == 1
        assert len(records.history(ctx, "customer", record_id)) == 1


def test_history_says_who_changed_what_from_what_to_what(as_user, three_customers):
    record_id = three_customers["ann"]
    with as_user("ann") as ctx:
        records.update(ctx, "customer", record_id, {"employees": 5}, version=1)
    with as_user("eve") as ctx:
        records.update(ctx, "customer", record_id, {"employees": 7, "credit": "99"}, version=2)
        newest, middle, first = records.history(ctx, "customer", record_id)
        assert (newest.op, middle.op, first.op) == ("updated", "updated", "created")
        assert {
            (each.field, str(each.before), str(each.after)) for each in newest.changes if each.field == "employees"
        } == {("employees", "5", "7")}
        assert newest.actor_name == "Eve"
        assert {each.field for each in newest.changes} == {"employees", "credit"}
    with as_user("ann", write=False) as ctx:
        newest, _, _ = records.history(ctx, "customer", record_id)
        assert {each.field for each in newest.changes} == {"employees"}
        with pytest.raises(NotFound):
            records.history(ctx, "customer", three_customers["bob"])


def test_lines_are_saved_with_their_record_and_totalled(as_user, three_customers, product):
    with as_user("ann") as ctx:
        sale = records.create(
            ctx,
            "sale",
            {
                "number": "7",
                "customer": three_customers["ann"],
                "lines": [
                    {"product": product, "quantity": 3, "price": "2.50"},
                    {"product": product, "quantity": 1, "price": "0.99"},
                ],
            },
        )
        assert sale["total"] == Decimal("8.49")
        assert [line["amount"] for line in sale["lines"]] == [Decimal("7.50"), Decimal("0.99")]
        assert sale["place"] == "Shanghai"
    first, second = sale["lines"]
    with as_user("ann") as ctx:
        after = records.update(
            ctx,
            "sale",
            sale.id,
            {"lines": [{"id": second.id, "quantity": 10}, {"product": product, "quantity": 1, "price": 1}]},
            version=1,
        )
        assert after["total"] == Decimal("10.90")
        assert after.version == 2
        assert [line.id == second.id for line in after["lines"]] == [True, False]
        newest, _ = records.history(ctx, "sale", sale.id)
        assert sorted(line.op for line in newest.lines) == ["created", "deleted", "updated"]
    with as_user("ann", write=False) as ctx:
        page = records.list(
            ctx, "sale", Query(where="total > 10", sort=("-total",), fields=("number", "total", "lines"))
        )
        assert [(record["number"], record["total"], len(record["lines"])) for record in page] == [
            ("7", Decimal("10.90"), 2)
        ]
        assert first.id not in {line.id for line in page.records[0]["lines"]}


def test_errors_in_lines_say_which_line(as_user, three_customers, product):
    with as_user("ann") as ctx:
        with pytest.raises(InvalidRecord) as refused:
            records.create(
                ctx,
                "sale",
                {
                    "number": "8",
                    "customer": three_customers["ann"],
                    "lines": [
                        {"product": product, "quantity": 1, "price": 1},
                        {"quantity": "x", "price": "1.234"},
                    ],
                },
            )
        assert codes(refused.value).keys() == {"lines[1].quantity", "lines[1].price"}
        with pytest.raises(InvalidRecord) as refused:
            records.create(ctx, "sale", {"number": "8", "customer": three_customers["ann"]})
        assert codes(refused.value) == {"": ["rule.has_a_line"]}


def test_lines_of_another_record_cannot_be_taken(as_user, three_customers, product):
    line = {"product": product, "quantity": 1, "price": 1}
    with as_user("ann") as ctx:
        one = records.create(ctx, "sale", {"number": "1", "customer": three_customers["ann"], "lines": [line]})
        other = records.create(ctx, "sale", {"number": "2", "customer": three_customers["ann"], "lines": [line]})
        with pytest.raises(InvalidRecord) as refused:
            records.update(ctx, "sale", other.id, {"lines": [{"id": one["lines"][0].id, "quantity": 2}]}, version=1)
        assert codes(refused.value) == {"lines[0]": ["unknown_line"]}
        with pytest.raises(NotAllowed):
            records.update(ctx, "sale_line", one["lines"][0].id, {"quantity": 2}, last_write=True)


def test_deleting_clears_cascades_or_is_refused(as_user, three_customers, product):
    mine = three_customers["ann"]
    with as_user("ann") as ctx:
        other = records.create(ctx, "customer", {"name": "Other"})
        sale = records.create(
            ctx,
            "sale",
            {
                "number": "1",
                "customer": mine,
                "second_customer": other.id,
                "lines": [{"product": product, "quantity": 1, "price": 1}],
            },
        )
        note = records.create(ctx, "note", {"text": "hello", "customer": other.id})
        with pytest.raises(Conflict):
            records.delete(ctx, "customer", mine, version=1)
        records.delete(ctx, "customer", other.id, version=1)
        assert records.get(ctx, "sale", sale.id)["second_customer"] is None
        with pytest.raises(NotFound):
            records.get(ctx, "note", note.id)
        records.delete(ctx, "sale", sale.id, version=2)
        records.delete(ctx, "customer", mine, version=1)
    with as_user("admin", write=False) as ctx:
        assert records.history(ctx, "customer", mine)[0].op == "deleted"
        assert records.history(ctx, "sale", sale.id)[0].op == "deleted"


def test_deletion_that_changes_a_line_makes_a_version_of_its_record(as_user, three_customers, product):
    with as_user("ann") as ctx:
        friend = records.create(ctx, "customer", {"name": "Friend"})
        line = {"product": product, "quantity": 1, "price": 1, "gift_for": friend.id}
        sale = records.create(ctx, "sale", {"number": "1", "customer": three_customers["ann"], "lines": [line]})
        records.delete(ctx, "customer", friend.id, version=1)
        after = records.get(ctx, "sale", sale.id)
        assert (after.version, after["lines"][0]["gift_for"]) == (2, None)


def test_cursor_walks_every_record_once_in_order(as_user):
    with as_user("ann") as ctx:
        for number in range(23):
            values = {
                "name": f"N{number:02}",
                "employees": number % 3 * 30 or None,
                "since": "2026-01-01" if number % 2 else None,
            }
            records.create(ctx, "customer", values)
    for sort in (("name",), ("-employees",), ("employees", "-name"), ("-since", "employees"), ("since",), ()):
        with as_user("admin", write=False) as ctx:
            whole = [record.id for record in records.list(ctx, "customer", Query(sort=sort, limit=100))]
            walked, cursor = [], None
            while True:
                page = records.list(ctx, "customer", Query(sort=sort, limit=5, cursor=cursor))
                walked += [record.id for record in page]
                cursor = page.next
                if cursor is None:
                    break
            assert walked == whole, sort
            assert len(set(walked)) == 23


def test_cursor_of_another_list_is_refused(as_user, three_customers):
    with as_user("admin", write=False) as ctx:
        page = records.list(ctx, "customer", Query(sort=("name",), limit=1))
        with pytest.raises(BadRequest):
            records.list(ctx, "customer", Query(sort=("-name",), limit=1, cursor=page.next))
        with pytest.raises(BadRequest):
            records.list(ctx, "customer", Query(sort=("name",), limit=1, cursor="nonsense"))


def test_chinese_names_sort_by_pinyin_and_are_found_by_it(as_user):
    with as_user("ann") as ctx:
        for name in ("重庆长安", "阿里云", "北京云图科技", "Zeta", "上海浦发"):
            records.create(ctx, "customer", {"name": name})
    with as_user("ann", write=False) as ctx:
        assert names(records.list(ctx, "customer", Query(sort=("name",)))) == [
            "阿里云",
            "北京云图科技",
            "重庆长安",
            "上海浦发",
            "Zeta",
        ]
        for words, found in {
            "云图": ["北京云图科技"],
            "beijing": ["北京云图科技"],
            "shpf": ["上海浦发"],
            "zet": ["Zeta"],
            "%": [],
        }.items():
            assert names(records.list(ctx, "customer", Query(q=words))) == found or words == "%"


@pytest.mark.parametrize("sort", ["name; drop table d_customer", "name desc", "1", "customer.", "-", "nme", "id)--"])
def test_sort_key_is_a_field_and_nothing_else(as_user, sort):
    with as_user("ann", write=False) as ctx, pytest.raises(BadRequest):
        records.list(ctx, "customer", Query(sort=(sort,)))


def test_paths_over_lookups_are_read_sorted_and_filtered(as_user, three_customers, product):
    with as_user("ann") as ctx:
        line = {"product": product, "quantity": 1, "price": 1}
        records.create(ctx, "sale", {"number": "1", "customer": three_customers["ann"], "lines": [line]})
    with as_user("ann", write=False) as ctx:
        query = Query(
            where='customer.name == "Ann\'s"',
            sort=("customer.name", "customer"),
            fields=("customer.name", "customer.title", "owner.name"),
        )
        (sale,) = records.list(ctx, "sale", query)
        assert (sale["customer.name"], sale["customer.title"], sale["owner.name"]) == (
            "Ann's",
            "Ann's",
            "Ann",
        )
        (sale,) = records.list(ctx, "sale")
        assert sale.titles[sale["customer"]] == "Ann's"


def test_many_are_answered_one_by_one(as_user):
    with as_user("ann") as ctx:
        rows = [{"name": "A"}, {"name": ""}, {"name": "B"}, {"name": "A"}, {"name": "C", "level": "z"}]
        refused = records.create_many(ctx, "customer", rows)
        assert [outcome.is_saved for outcome in refused] == [False] * 5
        assert [sorted(outcome.errors) for outcome in refused] == [[], ["name"], [], ["name"], ["level"]]
        done = records.create_many(ctx, "customer", rows, atomic=False)
        assert [outcome.is_saved for outcome in done] == [True, False, True, False, False]
        assert names(records.list(ctx, "customer", Query(sort=("name",)))) == ["A", "B"]
        assert sorted(record["code"][-4:] for record in records.list(ctx, "customer")) == ["0001", "0002"]


def test_tree_refuses_a_circle(as_user):
    with as_user("ann") as ctx:
        top = records.create(ctx, "customer", {"name": "Top"})
        middle = records.create(ctx, "customer", {"name": "Middle", "parent_customer": top.id})
        leaf = records.create(ctx, "customer", {"name": "Leaf", "parent_customer": middle.id})
        for below in (top.id, middle.id, leaf.id):
            with pytest.raises(InvalidRecord) as refused:
                records.update(ctx, "customer", top.id, {"parent_customer": below}, version=1)
            assert codes(refused.value) == {"parent_customer": ["circle"]}


def test_aggregate_counts_only_what_is_readable(as_user, three_customers, product):
    with as_user("ann") as ctx:
        for number, price in enumerate(("10.10", "20.20")):
            line = {"product": product, "quantity": 2, "price": price}
            records.create(
                ctx,
                "sale",
                {"number": str(number), "customer": three_customers["ann"], "lines": [line, line]},
            )
    measures = [
        Measured("n", "count"),
        Measured("total", "sum", "amount"),
        Measured("mean", "avg", "price"),
        Measured("top", "max", "price"),
    ]
    with as_user("ann", write=False) as ctx:
        (row,) = records.aggregate(ctx, "sale_line", measures=measures)
        assert row == {
            "n": 4,
            "total": Decimal("121.20"),
            "mean": Decimal("15.150000"),
            "top": Decimal("20.20"),
        }
        rows = records.aggregate(ctx, "sale_line", groups=[Group("product", "product.name")], measures=measures[:2])
        assert rows == [{"product": "Pen", "n": 4, "total": Decimal("121.20")}]
        months = records.aggregate(
            ctx, "sale", groups=[Group("month", "created_at", "month")], measures=[Measured("n", "count")]
        )
        assert [row["n"] for row in months] == [2]
        assert months[0]["month"].day == 1
    with as_user("bob", write=False) as ctx:
        (row,) = records.aggregate(ctx, "sale_line", measures=measures)
        assert row == {"n": 0, "total": None, "mean": None, "top": None}


def test_formula_over_today_is_another_tomorrow(engine, as_user):
    with as_user("ann") as ctx:
        made = records.create(ctx, "customer", {"name": "A", "since": "2026-11-20", "employees": 100})
        assert (made["age"], made["third"]) == (2, Decimal("33.33"))
    engine.clock.move(days=1)
    with as_user("ann", write=False) as ctx:
        (listed,) = records.list(ctx, "customer", Query(where="age == 3", sort=("-age",)))
        assert listed["age"] == records.get(ctx, "customer", made.id)["age"] == 3


def test_result_of_too_many_digits_is_said_in_words(as_user):
    with as_user("ann") as ctx:
        records.create(ctx, "customer", {"name": "A", "level": "a", "employees": 4_000_000_000})
    with as_user("ann", write=False) as ctx, pytest.raises(BadRequest) as refused:
        records.list(ctx, "customer", Query(where="employees * employees > 5"))
    assert refused.value.message.code == "overflow"


def test_what_happened_is_never_changed(engine):
    with work(engine) as ctx:
        seen = records.create(ctx, "visit", {"what": "a visit"})
        with pytest.raises(NotAllowed):
            records.update(ctx, "visit", seen.id, {"what": "none"}, last_write=True)
        with pytest.raises(NotAllowed):
            records.delete(ctx, "visit", seen.id, last_write=True)
        assert records.get(ctx, "visit", seen.id)["what"] == "a visit"


def test_many_with_lines_and_formulas_are_answered_whole(as_user, three_customers, product):
    with as_user("ann") as ctx:
        line = {"product": product, "quantity": 2, "price": "2.50"}
        rows = [{"number": number, "customer": three_customers["ann"], "lines": [line]} for number in "12"]
        done = records.create_many(ctx, "sale", rows)
        assert [(each.record["total"], len(each.record["lines"])) for each in done] == [(Decimal("5.00"), 1)] * 2


def test_history_is_read_page_by_page(as_user, three_customers, product):
    with as_user("ann") as ctx:
        line = {"product": product, "quantity": 1, "price": "1"}
        sale = records.create(ctx, "sale", {"number": "1", "customer": three_customers["ann"], "lines": [line]})
    for quantity in range(2, 6):
        with as_user("ann") as ctx:
            there = records.get(ctx, "sale", sale.id)
            changed = [{"id": there["lines"][0].id, "quantity": quantity}]
            records.update(ctx, "sale", sale.id, {"lines": changed, "place": str(quantity)}, version=there.version)
    with as_user("ann", write=False) as ctx:
        whole = records.history(ctx, "sale", sale.id)
        paged, cursor = [], None
        while True:
            page = records.history_page(ctx, "sale", sale.id, limit=2, cursor=cursor)
            assert len(page.versions) <= 2
            paged += page.versions
            cursor = page.next
            if cursor is None:
                break
        assert [(each.at, each.op, each.version, each.changes, each.lines) for each in paged] == [
            (each.at, each.op, each.version, each.changes, each.lines) for each in whole
        ]
        assert [each.version for each in whole] == [5, 4, 3, 2, 1]
        assert [(each.before, each.after) for each in whole[0].changes if each.field == "place"] == [("4", "5")]
        assert {(each.before, each.after) for each in whole[0].lines[0].changes if each.field == "quantity"} == {(4, 5)}
        with pytest.raises(BadRequest):
            records.history_page(ctx, "sale", sale.id, cursor="yesterday")


def test_version_that_never_was_names_nobody(as_user, three_customers):
    with as_user("ann") as ctx, pytest.raises(Stale) as refused:
        records.update(ctx, "customer", three_customers["ann"], {"employees": 5}, version=999)
    said = str(refused.value.message)
    assert said == "There is no version 999 of this Customer; the newest is 1. Load it again."
