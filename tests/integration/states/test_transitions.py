from __future__ import annotations

import datetime as dt

import pytest

from dougong.base.errors import InvalidRecord, NotAllowed, NotFound, Stale, VersionMissing
from dougong.records import service as records
from dougong.records.query import Query


def codes(caught: pytest.ExceptionInfo[InvalidRecord]) -> dict[str, list[str]]:
    return {name: [each.code for each in said] for name, said in caught.value.by_field.items()}


def said(caught: pytest.ExceptionInfo[InvalidRecord], field: str = "status", locale: str = "en") -> str:
    return " ".join(each.show(locale) for each in caught.value.by_field[field])


def status(ctx, deal_id: str) -> str:
    return records.get(ctx, "deal", deal_id).values["status"]


# ---- where records begin ---------------------------------------------------------------------------------------------


def test_new_record_begins_in_the_first_state(as_user):
    with as_user("ann") as ctx:
        assert records.new_values(ctx, "deal")["status"] == "draft"
        assert records.create(ctx, "deal", {"name": "A"}).values["status"] == "draft"


def test_new_record_cannot_begin_in_the_middle(as_user):
    with as_user("admin") as ctx:
        with pytest.raises(InvalidRecord) as caught:
            records.create(ctx, "deal", {"name": "A", "status": "approved"})
        assert said(caught) == "A new Deal begins as Draft."
        assert said(caught, locale="zh-CN") == "新的交易从“草稿”开始。"
        outcomes = records.create_many(ctx, "deal", [{"name": "B"}, {"name": "C", "status": "archived"}], atomic=False)
        assert [each.is_saved for each in outcomes] == [True, False]


def test_system_and_an_administrators_import_may_begin_anywhere(as_user, as_system):
    with as_system() as ctx:
        assert records.create(ctx, "deal", {"name": "A", "status": "approved"}).values["status"] == "approved"
    with as_user("admin", door="import") as ctx:
        assert records.create(ctx, "deal", {"name": "B", "status": "archived"}).values["status"] == "archived"
    with as_user("ann", door="import") as ctx, pytest.raises(InvalidRecord):
        records.create(ctx, "deal", {"name": "C", "status": "archived"})


# ---- how they go on --------------------------------------------------------------------------------------------------


def test_transition_leads_on_in_one_write(deal, as_user):
    made = deal(signed_on=None)
    with as_user("ann") as ctx:
        values = {"signed_on": "2026-11-21", "remark": "quickly"}
        after = records.transition(ctx, "deal", made, "submit", values, version=1)
    assert (after.values["status"], after.values["remark"], after.version) == ("pending", "quickly", 2)


@pytest.mark.parametrize("way", ["transition", "update"])
def test_every_door_wants_what_the_transition_requires(deal, as_user, way):
    made = deal(signed_on=None)
    with as_user("ann") as ctx:
        door = records.update if way == "update" else records.transition
        wanted = {"status": "pending"} if way == "update" else "submit"
        with pytest.raises(InvalidRecord) as caught:
            door(ctx, "deal", made, wanted, last_write=True)
        assert codes(caught) == {"signed_on": ["required"]}
        assert said(caught, "signed_on", "zh-CN") == "请填写签订日期。"
        assert status(ctx, made) == "draft"


def test_condition_is_asked_of_what_was_entered_too(deal, as_user):
    made = deal(amount=None)
    with as_user("ann") as ctx:
        with pytest.raises(InvalidRecord) as caught:
            records.transition(ctx, "deal", made, "submit", last_write=True)
        assert codes(caught) == {"status": ["transition"]}
        assert said(caught, locale="zh-CN") == "请输入不小于明细合计的金额。"
        lines = [{"what": "pen", "price": "7"}, {"what": "cap", "price": "4"}]
        values = {"status": "pending", "amount": "10", "lines": lines}
        with pytest.raises(InvalidRecord):
            records.update(ctx, "deal", made, values, last_write=True)
        values = {"status": "pending", "amount": "11", "lines": lines}
        assert records.update(ctx, "deal", made, values, last_write=True).values["status"] == "pending"


def test_change_that_no_transition_allows_is_refused(deal, as_user, as_system):
    made = deal()
    for opened in (as_user("admin"), as_user("admin", door="import"), as_system()):
        with opened as ctx:
            with pytest.raises(InvalidRecord) as caught:
                records.update(ctx, "deal", made, {"status": "archived"}, last_write=True)
            assert said(caught) == "Nothing leads there from “Draft”. It can become: Pending."
            with pytest.raises(InvalidRecord):
                records.update(ctx, "deal", made, {"status": None}, last_write=True)
            with pytest.raises(InvalidRecord) as caught:
                records.transition(ctx, "deal", made, "archive", last_write=True)
            assert said(caught) == "“Archive” is possible only from Approved; this record is “Draft”."
            assert status(ctx, made) == "draft"


def test_last_state_says_so(deal, as_user):
    made = deal("archived")
    with as_user("tom") as ctx, pytest.raises(InvalidRecord) as caught:
        records.update(ctx, "deal", made, {"status": "draft"}, last_write=True)
    assert said(caught) == "“Archived” is a last state: nothing leads on from it."


def test_transition_of_the_system_is_not_for_people(deal, as_user):
    made = deal("pending")
    with as_user("admin") as ctx:
        for write in (
            lambda: records.transition(ctx, "deal", made, "approve", last_write=True),
            lambda: records.update(ctx, "deal", made, {"status": "approved"}, last_write=True),
        ):
            with pytest.raises(InvalidRecord) as caught:
                write()
            assert codes(caught) == {"status": ["transition"]}
        after = records.transition(ctx.as_system("approve"), "deal", made, "approve", last_write=True)
        assert after.values["approved_at"] == dt.datetime(2026, 11, 22, 2, 30, tzinfo=dt.UTC)


def test_transition_is_for_its_roles_and_the_administrator_is_none_of_them(deal, as_user):
    made = deal("pending")
    for login in ("ann", "admin"):
        with as_user(login) as ctx, pytest.raises(InvalidRecord) as caught:
            records.transition(ctx, "deal", made, "give_back", last_write=True)
        assert said(caught) == "“Give back” is not for you: it is done by Chief."
    with as_user("eve") as ctx:
        assert records.transition(ctx, "deal", made, "give_back", last_write=True).values["status"] == "returned"


def test_effects_come_with_the_state_at_every_door(deal, as_user):
    one, other = deal("approved"), deal("approved")
    with as_user("admin") as ctx:
        records.transition(ctx, "deal", one, "archive", last_write=True)
        records.update(ctx, "deal", other, {"status": "archived"}, last_write=True)
        for each in (one, other):
            found = records.get(ctx, "deal", each).values
            assert (found["remark"], found["owner"]) == ("archived archived", ctx.actor.id)


def test_transition_holds_the_version(deal, as_user):
    made = deal()
    with as_user("ann") as ctx:
        with pytest.raises(VersionMissing):
            records.transition(ctx, "deal", made, "submit")
        with pytest.raises(Stale):
            records.transition(ctx, "deal", made, "submit", version=7)


def test_transition_takes_only_what_it_asks_for(deal, as_user):
    made = deal()
    with as_user("ann") as ctx:
        with pytest.raises(InvalidRecord) as caught:
            records.transition(ctx, "deal", made, "submit", {"amount": "5"}, last_write=True)
        assert codes(caught) == {"amount": ["not_asked"]}
        with pytest.raises(NotFound) as missing:
            records.transition(ctx, "deal", made, "sumbit", last_write=True)
        assert "submit" in str(missing.value)


def test_record_from_before_there_were_states_takes_its_first(as_user, as_system, engine):
    with as_user("ann") as ctx:
        made = records.create(ctx, "deal", {"name": "Old", "amount": "1"}).id
    with engine.database.open(write=True) as connection:
        connection.exec_driver_sql("update d_deal set status = null")
    with as_user("ann") as ctx:
        with pytest.raises(InvalidRecord):
            records.update(ctx, "deal", made, {"status": "pending"}, last_write=True)
        assert records.update(ctx, "deal", made, {"status": "draft"}, last_write=True).values["status"] == "draft"


# ---- what is offered -------------------------------------------------------------------------------------------------


def test_offered_is_what_leads_on_with_why_not(deal, as_user):
    made = deal(amount=None)
    with as_user("ann") as ctx:
        record = records.get(ctx, "deal", made)
        (submit,) = records.transitions(ctx, "deal", record)
        assert (submit.name, submit.to, submit.requires, submit.asks, submit.style) == (
            "submit", "pending", ("signed_on",), ("remark",), "primary",
        )  # fmt: skip
        assert str(submit.reason_not) == "Enter an amount that covers the lines."
        records.update(ctx, "deal", made, {"amount": "5"}, last_write=True)
        assert [each.reason_not for each in records.transitions(ctx, "deal", record)] == [None]
    pending = deal("pending")
    for login, code in (("ann", "transition_role"), ("eve", None)):
        with as_user(login) as ctx:
            (back,) = records.transitions(ctx, "deal", records.get(ctx, "deal", pending))
            assert (back.name, back.reason_not and back.reason_not.code) == ("give_back", code)


def test_object_without_states_offers_nothing(as_user):
    with as_user("ann") as ctx:
        buyer = records.create(ctx, "buyer", {"name": "B"})
        assert records.transitions(ctx, "buyer", buyer) == ()
        assert records.find_lock(ctx, "buyer", buyer) is None


# ---- locks -----------------------------------------------------------------------------------------------------------


def refused(caught: pytest.ExceptionInfo[NotAllowed]) -> tuple[str, str]:
    return caught.value.message.code, caught.value.message.show("zh-CN")


def test_locked_record_is_not_changed_or_deleted(deal, as_user):
    made = deal("approved", lines=[{"what": "pen", "price": "2"}])
    for login, door in (("ann", "screen"), ("admin", "import"), ("eve", "api")):
        with as_user(login, door=door) as ctx:
            line = records.get(ctx, "deal", made).values["lines"][0]
            for values in ({"amount": "9"}, {"owner": ctx.actor.id} if login == "admin" else {"name": "B"},
                           {"lines": []}, {"lines": [{"id": line.id, "price": "3"}]}):  # fmt: skip
                with pytest.raises(NotAllowed) as caught:
                    records.update(ctx, "deal", made, values, last_write=True)
                assert refused(caught) == ("state_locked", "已批准的交易不能再修改。")
            with pytest.raises(NotAllowed):
                records.delete(ctx, "deal", made, last_write=True)
            same = {"amount": "10", "lines": [{"id": line.id, "price": "2"}], "remark": login}
            assert records.update(ctx, "deal", made, same, last_write=True).values["remark"] == login


def test_lock_does_not_bind_who_is_exempt_and_the_system(deal, as_user, as_system):
    made = deal("approved")
    with as_user("tom") as ctx:
        assert records.find_lock(ctx, "deal", records.get(ctx, "deal", made)) is None
        records.update(ctx, "deal", made, {"amount": "9"}, last_write=True)
    with as_system() as ctx:
        records.update(ctx, "deal", made, {"amount": "8"}, last_write=True)
        records.delete(ctx, "deal", made, last_write=True)


def test_transition_leads_out_of_a_locked_state_and_takes_nothing_else_along(deal, as_user):
    made = deal("approved")
    with as_user("eve") as ctx:
        with pytest.raises(NotAllowed):
            records.update(ctx, "deal", made, {"status": "archived", "amount": "1"}, last_write=True)
        assert records.update(ctx, "deal", made, {"status": "archived"}, last_write=True).values["status"] == "archived"


def test_lock_of_one_verb_leaves_the_other(deal, as_user):
    made = deal("pending")
    with as_user("ann") as ctx:
        record = records.update(ctx, "deal", made, {"amount": "20"}, last_write=True)
        with pytest.raises(NotAllowed) as caught:
            records.delete(ctx, "deal", made, last_write=True)
        assert refused(caught) == ("state_locked", "该交易已锁定：它的状态是“审批中”。")
        assert records.find_lock(ctx, "deal", record) is None
        assert records.find_lock(ctx, "deal", record, "delete").code == "state_locked"


def test_locked_record_does_not_go_with_what_it_belongs_to(deal, as_user):
    with as_user("ann") as ctx:
        buyer = records.create(ctx, "buyer", {"name": "B"}).id
    made = deal("approved", buyer=buyer)
    with as_user("ann") as ctx:
        with pytest.raises(NotAllowed) as caught, ctx.savepoint():
            records.delete(ctx, "buyer", buyer, last_write=True)
        assert refused(caught)[0] == "state_locked"
        assert [each.id for each in records.list(ctx, "deal", Query()).records] == [made]


def test_transition_is_announced_by_its_name(deal, as_user):
    made = deal()
    with as_user("ann") as ctx:
        records.transition(ctx, "deal", made, "submit", last_write=True)
        assert [(each.happened, each.transition) for each in ctx.announced] == [("updated", "submit")]
        records.update(ctx, "deal", made, {"remark": "x"}, last_write=True)
        assert ctx.announced[-1].transition is None
