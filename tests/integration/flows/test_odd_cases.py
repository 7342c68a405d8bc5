"""Modes of nodes, and people who are not there."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from dougong.base.actor import SYSTEM_USER
from dougong.base.errors import Conflict, DougongError, InvalidRecord
from dougong.features.accounts.work import work
from dougong.features.bundles import service as bundles
from dougong.features.flows import inbox, timers
from dougong.records import service as records

ONE_NODE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="test">
  <process id="p">
    <startEvent id="start"/>
    <sequenceFlow id="a" sourceRef="start" targetRef="review"/>
    <userTask id="review"/>
    <sequenceFlow id="b" sourceRef="review" targetRef="end"/>
    <endEvent id="end"/>
  </process>
</definitions>
"""

FLOW = """kind: flow
name: deal_approval
label: Deal approval
object: deal
process: deals/deal_approval.bpmn
starts: submit
ends: {{approved: approve, rejected: reject, withdrawn: withdraw, returned: return}}
nodes:
  - name: review
    label: Review
{node}
"""


def node(*lines: str) -> dict[str, str]:
    """The bundle with one node only."""
    return {
        "flows/deal_approval.yaml": FLOW.format(node="\n".join(f"    {line}" for line in lines)),
        "workflows/deal_approval.bpmn": ONE_NODE,
    }


FOUR = "assign: [{name: a, user: chen}, {name: b, user: chu}, {name: c, user: zhou}, {name: d, user: lin}]"


def test_first_decision_counts_where_anybody_may_decide(open_house) -> None:
    house = open_house(node(FOUR))
    first, second = house.submitted(), house.submitted(name="E")
    entries = {entry.title: entry.id for entry in house.waiting("chu")}
    house.act("chu", "approve", entries["D"])
    house.act("chu", "reject", entries["E"], opinion="No.")
    assert (house.status(first), house.status(second)) == ("approved", "rejected")
    assert house.who() == set()


def test_one_after_another_decides_in_a_sequence(open_house) -> None:
    house = open_house(node(FOUR, "mode: sequence"))
    deal = house.submitted()
    for login in ("chen", "chu", "zhou", "lin"):
        assert house.who() == {login}
        house.act(login, "approve")
    assert house.status(deal) == "approved"


def test_so_many_of_a_hundred_must_approve(open_house) -> None:
    house = open_house(node(FOUR, "mode: percent", "percent: 60"))
    first = house.submitted()
    house.act("chen", "approve")
    house.act("chu", "reject", opinion="No.")
    house.act("zhou", "approve")
    assert house.status(first) == "pending"
    house.act("lin", "approve")
    assert house.status(first) == "approved"
    second = house.submitted()
    house.act("lin", "reject", opinion="No.")
    house.act("chen", "reject", opinion="No.")
    assert house.status(second) == "rejected"


def test_transfer_keeps_the_place_among_all(open_house) -> None:
    house = open_house(node(FOUR, "mode: all"))
    deal = house.submitted()
    house.act("chen", "transfer", to=house.ids["boss"])
    with pytest.raises(InvalidRecord, match="already"):
        house.act("chu", "transfer", to=house.ids["zhou"])
    with pytest.raises(InvalidRecord, match="own"):
        house.act("chu", "transfer", to=house.ids["zhang"])
    for login in ("chu", "zhou", "lin"):
        house.act(login, "approve")
    assert house.status(deal) == "pending"
    house.act("boss", "approve")
    assert house.status(deal) == "approved"


def test_submit_is_refused_where_nobody_could_decide(open_house) -> None:
    house = open_house(node("assign: [{name: a, user: gone}]", "nobody: refuse"))
    deal = house.deal()
    with pytest.raises(Conflict, match="Nobody is found"):
        house.submit(deal)
    assert house.status(deal) == "draft"


def test_node_is_passed_over_where_nobody_could_decide(open_house) -> None:
    house = open_house(node("assign: [{name: a, user: gone}]", "nobody: skip"))
    assert house.status(house.submitted()) == "approved"


@pytest.mark.parametrize(("applicant", "who"), [("superior", {"lin"}), ("skip", set()), ("allow", {"zhang"})])
def test_applicant_who_would_decide(open_house, applicant: str, who: set[str]) -> None:
    house = open_house(node("assign: [{name: a, field: owner}]", f"applicant: {applicant}"))
    deal = house.submitted()
    assert house.who() == who
    assert house.status(deal) == ("pending" if who else "approved")


def test_disabled_person_gets_nothing(open_house) -> None:
    house = open_house(node(FOUR, "mode: all"))
    with work(house.engine, reason="left") as ctx:
        records.update(ctx, "user", house.ids["chen"], {"active": False}, last_write=True)
    house.submitted()
    assert house.who() == {"chu", "zhou", "lin"}


def test_administrator_moves_the_work_of_who_left(open_house) -> None:
    house = open_house(node("assign: [{name: a, user: chen}]"))
    deal = house.submitted()
    (entry,) = house.waiting("chen")
    with work(house.engine, reason="left") as ctx:
        records.update(ctx, "user", house.ids["chen"], {"active": False}, last_write=True)
    house.act("admin", "transfer", entry.id, to=house.ids["chu"])
    house.act("chu", "approve")
    assert house.status(deal) == "approved"


def test_deleted_record_takes_its_flow_along(open_house) -> None:
    house = open_house(node(FOUR, "mode: all"))
    deal = house.submitted()
    with work(house.engine, reason="gone") as ctx:
        records.delete(ctx, "deal", deal, last_write=True)
    assert house.who() == set()
    (entry,) = house.waiting("zhang", "mine")
    assert entry.status == "cancelled"


def test_two_who_decide_at_once_do_not_both_win(open_house) -> None:
    house = open_house(node("assign: [{name: a, user: chen}]"))
    deal = house.submitted()
    (entry,) = house.waiting("chen")
    said: Counter[str] = Counter()
    ready = threading.Barrier(4)

    def decide() -> None:
        ready.wait()
        try:
            house.act("chen", "approve", entry.id)
        except Conflict:
            said["conflict"] += 1
        except DougongError as error:
            said[repr(error)] += 1
        else:
            said["won"] += 1

    threads = [threading.Thread(target=decide) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert said == {"won": 1, "conflict": 3}
    assert house.status(deal) == "approved"


def test_two_votes_at_once_are_both_counted(open_house) -> None:
    house = open_house(node(FOUR, "mode: all"))
    deal = house.submitted()
    entries = {login: house.waiting(login)[0].id for login in ("chen", "chu", "zhou", "lin")}
    ready = threading.Barrier(4)

    def decide(login: str) -> None:
        ready.wait()
        house.act(login, "approve", entries[login])

    threads = [threading.Thread(target=decide, args=(login,)) for login in entries]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert house.status(deal) == "approved"


TIMED = ONE_NODE.replace(
    '<sequenceFlow id="b" sourceRef="review" targetRef="end"/>',
    """<boundaryEvent id="late" attachedToRef="review">
      <timerEventDefinition><timeDuration>P2D</timeDuration></timerEventDefinition>
    </boundaryEvent>
    <sequenceFlow id="b" sourceRef="review" targetRef="pause"/>
    <sequenceFlow id="c" sourceRef="late" targetRef="rejected"/>
    <intermediateCatchEvent id="pause">
      <timerEventDefinition><timeDuration>amount / 1000</timeDuration></timerEventDefinition>
    </intermediateCatchEvent>
    <sequenceFlow id="d" sourceRef="pause" targetRef="end"/>
    <endEvent id="rejected"/>""",
)


def fire(house) -> int:
    with work(house.engine, reason="timers") as ctx:
        return sum(timers.fire(ctx, each) for each in timers.due(ctx))


def test_timers_are_over_when_their_time_has_come(open_house, clock) -> None:
    house = open_house({**node("assign: [{name: a, user: chen}]"), "workflows/deal_approval.bpmn": TIMED})
    late = house.submitted(amount=1000)
    clock.move(days=1)
    assert fire(house) == 0
    quick = house.submitted(name="E", amount=3000)
    house.act("chen", "approve", next(each.id for each in house.waiting("chen") if each.title == "E"))
    assert house.status(quick) == "pending"
    clock.move(days=1, minutes=1)
    assert fire(house) == 1
    assert house.status(late) == "rejected"
    clock.move(days=2)
    assert fire(house) == 1
    assert house.status(quick) == "approved"


def test_worker_lets_timers_be_over(open_house, clock) -> None:
    house = open_house({**node("assign: [{name: a, user: chen}]"), "workflows/deal_approval.bpmn": TIMED})
    deals = [house.submitted(name=f"D{number}") for number in range(3)]
    clock.move(days=3)
    timers.carry_out(house.engine, {}, None)
    assert [house.status(deal) for deal in deals] == ["rejected"] * 3
    timers.carry_out(house.engine, {}, None)


def test_returned_record_is_withdrawn_where_both_lead_to_the_same_state(open_house) -> None:
    changes = node("assign: [{name: a, user: chen}]")
    changes["flows/deal_approval.yaml"] = changes["flows/deal_approval.yaml"].replace(
        "withdrawn: withdraw", "withdrawn: return"
    )
    house = open_house(changes)
    deal = house.submitted()
    house.act("chen", "return", opinion="No.")
    house.act("zhang", "withdraw")
    assert house.status(deal) == "returned"
    (entry,) = house.waiting("zhang", "mine")
    assert entry.status == "withdrawn"
    house.submit(deal)
    assert house.who() == {"chen"}


def test_version_is_pinned_while_the_definition_changes(open_house) -> None:
    house = open_house(node("assign: [{name: a, user: chen}]"))
    deal = house.submitted()
    changed = bundles.layers(house.engine)["deals"] | node("assign: [{name: b, user: lin}]", "opinion: required")
    bundles.apply(house.engine, bundles.plan(house.engine, {"deals": changed}), by=SYSTEM_USER)
    house.act("chen", "approve")
    assert house.status(deal) == "approved"
    house.submitted(name="E")
    assert house.who() == {"lin"}


def test_decision_about_another_version_of_the_record_is_refused(open_house) -> None:
    house = open_house({**node("assign: [{name: a, user: chen}]")})
    deal = house.submitted()
    seen = house.get(deal).version
    with work(house.engine, reason="behind their back") as ctx:
        records.update(ctx, "deal", deal, {"remark": "New."}, last_write=True)
    with pytest.raises(Conflict, match="changed since"):
        house.act("chen", "approve", version=seen)
    with house.as_("chen", write=False) as ctx:
        (entry,) = inbox.page(ctx).entries
    house.act("chen", "approve", entry.id, version=seen + 1)


def test_long_opinion_is_refused_and_odd_signs_are_kept(open_house) -> None:
    house = open_house(node("assign: [{name: a, user: chen}]"))
    house.submitted()
    with pytest.raises(InvalidRecord):
        house.act("chen", "approve", opinion="长" * 3000)
    house.act("chen", "approve", opinion="好 👍 \u202eabc")
    (entry,) = house.waiting("chen", "done")
    with house.as_("zhang", write=False) as ctx:
        assert inbox.trace(ctx, entry.instance).told[-2].opinion.startswith("好 👍")
