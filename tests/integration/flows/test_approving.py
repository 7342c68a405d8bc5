"""A deal goes its way."""

from __future__ import annotations

import pytest

from dougong.base.errors import Conflict, InvalidRecord, NotAllowed, NotFound
from dougong.features.accounts.work import work
from dougong.features.flows import inbox, service
from dougong.records import service as records


def test_small_deal_is_approved_by_superior_alone(house) -> None:
    deal = house.submitted(amount=1000)
    assert house.status(deal) == "pending"
    assert house.who() == {"lin"}
    house.act("lin", "approve")
    assert house.status(deal) == "approved"
    assert house.who() == set()


def test_large_deal_goes_to_all_executives_and_finance_at_once(house) -> None:
    deal = house.submitted(amount=600_000)
    house.act("lin", "approve")
    assert house.who() == {"chen", "chu", "zhou"}
    house.act("chen", "approve")
    house.act("zhou", "approve", opinion="Paid up front.", values={"discount": 2})
    assert house.status(deal) == "pending"
    assert house.who() == {"chu"}
    house.act("chu", "approve")
    assert house.status(deal) == "approved"
    assert house.get(deal)["discount"] == 2


def test_rejection_ends_everything_and_says_why(house) -> None:
    deal = house.submitted(amount=600_000)
    house.act("lin", "approve")
    with pytest.raises(InvalidRecord) as refused:
        house.act("chu", "reject")
    assert "opinion" in refused.value.by_field
    house.act("chu", "reject", opinion="Too much at once.")
    assert house.status(deal) == "rejected"
    assert house.who() == set()


def test_returned_deal_is_changed_and_submitted_again(house, clock) -> None:
    deal = house.submitted(amount=1000)
    house.act("lin", "return", opinion="Say more.")
    clock.move(hours=1)
    assert house.status(deal) == "returned"
    with house.as_("zhang") as ctx:
        records.update(ctx, "deal", deal, {"amount": 2000}, last_write=True)
    house.submit(deal)
    (entry,) = house.waiting("lin")
    with house.as_("lin", write=False) as ctx:
        shown = inbox.item(ctx, entry.id)
    assert shown.trace.round == 2
    assert shown.changed == ("amount",)
    house.act("lin", "approve")
    assert house.status(deal) == "approved"


def test_return_to_earlier_node_takes_parallel_branches_along(house) -> None:
    deal = house.submitted(amount=600_000)
    house.act("lin", "approve")
    house.act("zhou", "approve", opinion="Fine.")
    (entry,) = house.waiting("chen")
    with house.as_("chen", write=False) as ctx:
        shown = inbox.item(ctx, entry.id)
    assert [place.name for place in shown.returns] == ["supervisor"]
    with pytest.raises(InvalidRecord):
        house.act("chen", "return", opinion="No.", to="finance")
    house.act("chen", "return", opinion="Ask again.", to="supervisor")
    assert house.who() == {"lin"}
    house.act("lin", "approve")
    assert house.who() == {"chen", "chu", "zhou"}
    for login in ("chen", "chu", "zhou"):
        house.act(login, "approve", opinion="Yes.")
    assert house.status(deal) == "approved"


def test_record_is_held_while_it_is_decided_on(house) -> None:
    deal = house.submitted(amount=1000)
    with house.as_("zhang") as ctx:
        with pytest.raises(NotAllowed):
            records.update(ctx, "deal", deal, {"amount": 1}, last_write=True)
        records.update(ctx, "deal", deal, {"remark": "Soon."}, last_write=True)
    house.act("zhang", "withdraw")
    assert house.status(deal) == "draft"
    assert house.who() == set()
    with house.as_("zhang") as ctx:
        records.update(ctx, "deal", deal, {"amount": 1}, last_write=True)


def test_second_decision_on_a_work_item_is_a_conflict(house) -> None:
    house.submitted(amount=1000)
    (entry,) = house.waiting("lin")
    house.act("lin", "approve", entry.id)
    with pytest.raises(Conflict, match="already"):
        house.act("lin", "reject", entry.id, opinion="No.")


def test_nobody_decides_for_others(house) -> None:
    house.submitted(amount=1000)
    (entry,) = house.waiting("lin")
    with pytest.raises(NotFound):
        house.act("wang", "approve", entry.id)
    with pytest.raises(NotAllowed, match="Lin"):
        house.act("zhang", "approve", entry.id)


def test_approver_reads_the_record_only_while_it_waits(house) -> None:
    deal = house.submitted(amount=1000)
    with house.as_("lin", write=False) as ctx:
        assert records.get(ctx, "deal", deal)["name"] == "D"
        assert [each.id for each in records.list(ctx, "deal").records] == [deal]
    with house.as_("boss", write=False) as ctx, pytest.raises(NotFound):
        records.get(ctx, "deal", deal)
    house.act("lin", "approve")
    with house.as_("lin", write=False) as ctx, pytest.raises(NotFound):
        records.get(ctx, "deal", deal)


def test_person_without_any_role_sees_what_was_transferred_to_them(house) -> None:
    deal = house.submitted(amount=1000)
    house.act("lin", "transfer", to=house.ids["nil"])
    assert house.who() == {"nil"}
    with house.as_("nil", write=False) as ctx:
        assert records.get(ctx, "deal", deal)["amount"] == 1000
    house.act("nil", "approve")
    assert house.status(deal) == "approved"
    with house.as_("nil", write=False) as ctx:
        assert not records.may(ctx, "read", "deal")


def test_copies_and_reminders_are_sent(house) -> None:
    house.submitted(amount=1000)
    house.act("lin", "cc", to=[house.ids["wang"], house.ids["chen"]])
    (entry,) = house.waiting("wang", "cc")
    assert entry.is_unread
    house.act("zhang", "remind")
    with pytest.raises(Conflict, match="moment"):
        house.act("zhang", "remind")


def test_applicant_who_would_decide_alone_is_replaced_by_superior(house) -> None:
    with work(house.engine, reason="a lonely person") as ctx:
        records.update(ctx, "user", house.ids["zhang"], {"superior": house.ids["wang"]}, last_write=True)
        records.update(ctx, "user", house.ids["wang"], {"active": False}, last_write=True)
    house.submitted(amount=1000)
    # Who left is passed over: Wang's superior is Lin.
    assert house.who() == {"lin"}


def test_administrators_decide_where_nobody_is_found(house) -> None:
    with work(house.engine, reason="nobody above") as ctx:
        records.update(ctx, "user", house.ids["zhang"], {"superior": None}, last_write=True)
    house.submitted(amount=1000)
    assert house.who() == {"admin"}


def test_deal_cannot_be_submitted_twice(house) -> None:
    deal = house.submitted(amount=1000)
    with house.as_("admin") as ctx, pytest.raises(Conflict):
        service.start(ctx, "deal_approval", deal)


def test_simulation_says_who_would_get_it(house) -> None:
    deal = house.deal(amount=700_000)
    with house.as_("zhang", write=False) as ctx:
        found = service.simulate(ctx, "deal_approval", deal)
    assert [step.node for step in found.steps] == ["supervisor", "executive", "finance"]
    assert [person.name for person in found.steps[1].people] == ["Chen", "Chu"]
    assert str(found.steps[0].people[0].why) == "Superior of the applicant"
    assert house.who() == set()


def test_trace_tells_what_was_and_what_comes(house) -> None:
    house.submitted(amount=700_000)
    (entry,) = house.waiting("lin")
    with house.as_("zhang", write=False) as ctx:
        trace = inbox.trace(ctx, entry.instance)
    assert [(visit.node, visit.state) for visit in trace.visits] == [("supervisor", "open")]
    assert [step.node for step in trace.next] == ["executive", "finance"]
    house.act("lin", "approve", opinion="Good.")
    with house.as_("zhang", write=False) as ctx:
        trace = inbox.trace(ctx, entry.instance)
    assert [(told.verb, told.name, told.opinion) for told in trace.told] == [
        ("submit", "Zhang", None),
        ("approve", "Lin", "Good."),
    ]


def test_stranger_sees_no_approval(house) -> None:
    house.submitted(amount=1000)
    (entry,) = house.waiting("lin")
    with house.as_("wang", write=False) as ctx, pytest.raises(NotFound):
        inbox.item(ctx, entry.id)
