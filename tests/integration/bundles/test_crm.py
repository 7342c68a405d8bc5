"""the CRM as it ships: who sees what, and what it refuses"""

from __future__ import annotations

import pytest

from dougong.base.errors import InvalidRecord, NotAllowed, NotFound
from dougong.features.accounts.work import work
from dougong.features.reports import service as reports
from dougong.records import service as records
from dougong.records.query import Query

POOL = {
    "成都天府数码科技有限公司", "武汉江城百货有限公司", "厦门安泽电子科技有限公司", "武汉和光新能源科技有限公司",
    "济南远景建材有限公司",
}  # fmt: skip


def names(ctx, where=None, object_name="customer"):
    return {each["name"] for each in records.list(ctx, object_name, Query(where=where, limit=1000))}


def fields(ctx, object_name="customer"):
    return {field.name for field in records.readable(ctx, object_name)}


def opportunity(ctx, name):
    return records.list(ctx, "opportunity", Query(where=f'name == "{name}"')).records[0]


def test_customer_manager_sees_own_customers_and_the_pool(as_user):
    with as_user("zhang") as ctx:
        mine = names(ctx)
        assert mine == names(ctx, "owner == me") | POOL
        assert names(ctx, "owner is null") == POOL
    with as_user("wang") as ctx:
        assert names(ctx) & mine == POOL


def test_customer_of_another_manager_does_not_exist(demo, as_user):
    with work(demo, reason="a test", write=False) as ctx:
        other = records.list(ctx, "customer", Query(where='owner.login == "wang"', limit=1)).records[0]
    with as_user("zhang") as ctx, pytest.raises(NotFound):
        records.get(ctx, "customer", other.id)


def test_supervisor_sees_both_departments(as_user):
    with as_user("lin") as ctx:
        assert len(names(ctx)) == 60
        assert {"credit_limit", "credit_note"} <= fields(ctx)
        assert "margin" in fields(ctx, "opportunity")


def test_executive_reads_everything_and_writes_nothing(as_user):
    with as_user("chen") as ctx:
        found = records.list(ctx, "customer", Query(limit=100))
        assert len(found.records) == 60
        first = found.records[0]
        with pytest.raises(NotAllowed):
            records.update(ctx, "customer", first.id, {"level": "a"}, version=first.version)
        with pytest.raises(NotAllowed):
            records.create(ctx, "customer", {"name": "New"})


def test_finance_sees_limits_but_neither_notes_nor_contacts(as_user):
    with as_user("zhou") as ctx:
        assert len(names(ctx)) == 60
        assert "credit_limit" in fields(ctx)
        assert "credit_note" not in fields(ctx)
        assert not records.may(ctx, "read", "contact")
        assert "margin" not in fields(ctx, "opportunity")


def test_sensitive_fields_do_not_exist_for_a_customer_manager(as_user):
    with as_user("zhang") as ctx:
        assert not {"credit_limit", "credit_note"} & fields(ctx)
        assert "margin" not in fields(ctx, "opportunity")


def test_everyone_reads_who_an_owner_is(as_user):
    with as_user("wang") as ctx:
        page = records.list(ctx, "customer", Query(where="owner == me", fields=("name", "owner.name"), limit=1))
        assert page.records[0]["owner.name"] == "王芳"
        assert "is_administrator" not in fields(ctx, "user")


def test_administrator_sees_all(as_user):
    with as_user("admin") as ctx:
        assert len(names(ctx)) == 60
        assert "credit_note" in fields(ctx)


@pytest.mark.parametrize(
    ("changes", "at", "said"),
    [
        ({"stage": "lost", "probability": "0", "closed_on": "2026-11-20"}, "lost_reason", None),
        ({"probability": "1.2"}, "probability", None),
        ({"stage": "won", "probability": "1", "closed_on": "2026-12-20"}, "closed_on", "Enter a day between"),
        ({"stage": "negotiation", "amount": ""}, "amount", None),
        ({"close_date": "2020-01-01"}, "close_date", "Enter a date that is not before"),
        ({"amount": "-1"}, "amount", "Enter an amount of 0 or more."),
    ],
)  # fmt: skip
def test_rules_of_an_opportunity(as_user, changes, at, said):
    with as_user("wang") as ctx:
        found = opportunity(ctx, "温控立体仓库")
        with pytest.raises(InvalidRecord) as refused:
            records.update(ctx, "opportunity", found.id, changes, version=found.version)
    messages = refused.value.by_field[at]
    assert said is None or any(str(message).startswith(said) for message in messages)


def test_weighted_amount_follows_amount_and_probability(as_user):
    with as_user("wang") as ctx:
        found = opportunity(ctx, "温控立体仓库")
        after = records.update(ctx, "opportunity", found.id, {"probability": "0.5"}, version=found.version)
        assert str(after["expected_amount"]) == "3075000.00"


def test_contact_of_another_customer_is_refused(as_user):
    with as_user("wang") as ctx:
        found = opportunity(ctx, "温控立体仓库")
        other = records.list(ctx, "contact", Query(where='name == "黄志鹏"')).records[0]
        with pytest.raises(InvalidRecord) as refused:
            records.update(ctx, "opportunity", found.id, {"contact": other.id}, version=found.version)
    assert "contact" in refused.value.by_field


def test_every_new_record_begins_with_sensible_values(as_user):
    with as_user("zhang") as ctx:
        customer = records.new_values(ctx, "customer")
        follow_up = records.new_values(ctx, "follow_up")
        found = records.new_values(ctx, "opportunity")
    assert (customer["level"], customer["status"]) == ("c", "prospect")
    assert (follow_up["sort"], follow_up["method"]) == ("communication", "phone")
    assert follow_up["happened_at"] == ctx.now()
    assert found["found_on"] == ctx.today()


def test_customers_are_found_by_telephone_and_city(demo):
    with work(demo, reason="a test", write=False) as ctx:
        asked = Query(where="phone is not null and city is not null", fields=("name", "phone", "city"), limit=1)
        (known,) = records.list(ctx, "customer", asked).records
        for words in (known["phone"], known["city"]):
            found = records.list(ctx, "customer", Query(q=words, limit=1000))
            assert known["name"] in {each["name"] for each in found}


def test_funnel_has_the_stages_in_the_order_of_their_options(demo):
    with work(demo, reason="a test", write=False) as ctx:
        found = reports.run(ctx, "opportunities_by_stage")
        stages = [option.value for option in ctx.catalog.options("opportunity_stage")]
        assert [row[0] for row in found.rows] == [stage for stage in stages if stage not in ("won", "lost")]
        assert found.chart["currency"] == ctx.base_currency


def test_opportunities_of_a_period_are_asked_for(demo):
    with work(demo, reason="a test", write=False) as ctx:
        (first,) = records.list(
            ctx, "opportunity", Query(where="close_date is not null", sort=("close_date",), limit=1)
        )
        whole = {"since": "2000-01-01", "until": "2100-01-01"}
        every = reports.run(ctx, "opportunities_closing", whole).totals[1]
        assert (
            every
            > reports.run(ctx, "opportunities_closing", {**whole, "until": first["close_date"].isoformat()}).totals[1]
        )
