"""how records of each bundle go from one state to the next, and who leads them there"""

from __future__ import annotations

import datetime as dt

import pytest

from dougong.base.errors import ActionFailed, InvalidRecord, NotAllowed
from dougong.features.flows import inbox

TODAY = dt.date(2026, 11, 22)


def day(offset: int) -> dt.date:
    return TODAY + dt.timedelta(days=offset)


@pytest.fixture
def contract(company):
    """Zhang writes a contract."""

    def write(amount: str = "480000") -> str:
        values = {"name": "分拣线改造合同", "amount": amount, "start_on": day(10), "end_on": day(375)}
        return company.make("zhang", "contract", customer=company.customer_of("zhang"), **values)

    return write


def test_contract_is_sent_back_changed_and_approved(company, contract) -> None:
    made = contract("480000")
    company.go("zhang", "contract", made, "submit")
    assert company.get("contract", made)["status"] == "pending"
    with pytest.raises(NotAllowed, match="approval"):
        company.change("zhang", "contract", made, amount="1")
    company.decide("lin", made, "return", opinion="付款条件请改为 3-6-1。")
    assert company.get("contract", made)["status"] == "draft"
    assert company.waiting("lin", made) is None
    company.change("zhang", "contract", made, financial_terms="3-6-1")
    company.go("zhang", "contract", made, "submit")
    seen = inbox.item(company.as_("lin"), company.waiting("lin", made))
    assert seen.trace.round == 2
    company.decide("lin", made, "approve", opinion="同意。")
    assert company.get("contract", made)["status"] == "approved"
    with pytest.raises(NotAllowed):
        company.change("zhang", "contract", made, amount="1")
    with pytest.raises(InvalidRecord):
        company.go("zhang", "contract", made, "sign")
    company.go("zhang", "contract", made, "sign", signed_on=TODAY)
    company.go("zhang", "contract", made, "complete")
    assert company.get("contract", made)["status"] == "completed"


def test_large_contract_needs_finance_and_executive_together(company, contract) -> None:
    made = contract("500000")
    company.go("zhang", "contract", made, "submit")
    assert company.waiting("chen", made) is None
    company.decide("lin", made, "approve")
    company.decide("zhou", made, "approve", opinion="回款条件可接受。")
    assert company.get("contract", made)["status"] == "pending"
    company.decide("chen", made, "approve")
    assert company.get("contract", made)["status"] == "approved"


def test_executive_rejects_with_a_reason_and_all_ends(company, contract) -> None:
    made = contract("500000")
    company.go("zhang", "contract", made, "submit")
    company.decide("lin", made, "approve")
    with pytest.raises(InvalidRecord):
        company.decide("chen", made, "reject")
    company.decide("chen", made, "reject", opinion="毛利过低。")
    assert company.get("contract", made)["status"] == "draft"
    assert company.waiting("zhou", made) is None


def test_contract_without_amount_is_not_submitted_and_nobody_approves_by_hand(company, contract) -> None:
    made = contract("0")
    with pytest.raises(InvalidRecord):
        company.go("zhang", "contract", made, "submit")
    company.change("zhang", "contract", made, amount="1")
    company.go("zhang", "contract", made, "submit")
    for login in ("zhang", "lin", "admin"):
        with pytest.raises((InvalidRecord, NotAllowed)):
            company.go(login, "contract", made, "approve")
        with pytest.raises((InvalidRecord, NotAllowed)):
            company.change(login, "contract", made, status="approved")


def test_only_the_supervisor_ends_a_contract_early(company) -> None:
    held = company.all("contract", 'status == "active" and owner.login == "zhang"')[0].id
    assert "terminate" not in company.offered("zhang", "contract", held)
    company.go("lin", "contract", held, "terminate", terminated_because="客户项目取消")
    assert company.get("contract", held)["status"] == "terminated"


def test_order_goes_from_draft_to_completed(company) -> None:
    product = company.all("product", 'status == "on_sale"')[0].id
    order = company.make("zhang", "order", customer=company.customer_of("zhang"), ordered_on=TODAY)
    with pytest.raises(InvalidRecord):
        company.go("zhang", "order", order, "confirm")
    line = {"product": product, "quantity": "2", "unit_price": "1000", "discount": "0.1"}
    company.change("zhang", "order", order, lines=[line])
    assert company.get("order", order)["total"] == 1800
    company.go("zhang", "order", order, "confirm")
    with pytest.raises(NotAllowed):
        company.change("zhang", "order", order, lines=[line])
    assert "reopen" not in company.offered("zhang", "order", order)
    company.go("lin", "order", order, "reopen")
    company.go("zhang", "order", order, "confirm")
    with pytest.raises(InvalidRecord):
        company.go("zhang", "order", order, "ship", shipped_on=day(-1))
    company.go("zhang", "order", order, "ship", shipped_on=TODAY, tracking="SF123")
    company.go("zhang", "order", order, "complete")
    assert company.offered("zhang", "order", order) == set()


def test_visit_is_moved_with_a_reason_and_logged(company) -> None:
    values = {"subject": "验收", "starts_at": "2026-11-24T10:00", "ends_at": "2026-11-24T12:00"}
    visit = company.make("zhang", "visit", customer=company.customer_of("zhang"), **values)
    with pytest.raises(InvalidRecord):
        company.press("zhang", "visit", visit, "visit_reschedule", starts_at="2026-11-26T10:00")
    moved = {"starts_at": "2026-11-26T10:00", "ends_at": "2026-11-26T12:00", "reason": "客户出差"}
    company.press("zhang", "visit", visit, "visit_reschedule", **moved)
    after = company.get("visit", visit)
    assert (after["starts_at"].day, after["change_reason"]) == (26, "客户出差")
    with pytest.raises(InvalidRecord):
        company.go("zhang", "visit", visit, "log")
    company.go("zhang", "visit", visit, "log", log="验收通过。", satisfaction="5")
    with pytest.raises(NotAllowed):
        company.change("zhang", "visit", visit, subject="另一个")
    company.change("zhang", "visit", visit, outcome="进入质保期")
    assert "visit_reschedule" not in company.offered("zhang", "visit", visit)


def test_visit_is_cancelled_with_a_reason_and_planned_again(company) -> None:
    values = {"subject": "回访", "starts_at": "2026-11-24T10:00"}
    visit = company.make("zhang", "visit", customer=company.customer_of("zhang"), **values)
    with pytest.raises(InvalidRecord):
        company.go("zhang", "visit", visit, "cancel")
    company.go("zhang", "visit", visit, "cancel", change_reason="客户临时有会")
    company.go("zhang", "visit", visit, "plan_again", starts_at="2026-11-27T10:00")
    assert company.get("visit", visit)["status"] == "planned"


def test_task_is_given_done_and_opened_again(company) -> None:
    task = company.make("lin", "task", subject="整理报价", due_on=day(3), owner=company.ids["zhang"])
    company.go("zhang", "task", task, "start")
    company.go("zhang", "task", task, "finish", result="已发送客户")
    done = company.get("task", task)
    assert (done["progress"], done["done_at"] is not None) == (1, True)
    company.go("lin", "task", task, "reopen")
    again = company.get("task", task)
    assert (again["status"], again["done_at"]) == ("doing", None)


@pytest.fixture
def lead(company):
    values = {
        "name": "展会名片",
        "company": "北海食品有限公司",
        "person": "李想",
        "mobile": "13911112222",
        "source": "fair",
    }
    return company.make("zhang", "lead", **values)


def test_lead_becomes_customer_contact_and_opportunity_and_leads_there(company, lead) -> None:
    given = {"opportunity_name": "冷库分拣项目", "amount": "900000", "close_date": day(60)}
    pressed = company.press("zhang", "lead", lead, "lead_convert", **given)
    found = company.get("opportunity", pressed.opened[1])
    assert pressed.opened[0] == "opportunity"
    assert (found["name"], found["amount"].amount, found["owner"]) == ("冷库分拣项目", 900000, company.ids["zhang"])
    assert company.get("customer", found["customer"])["name"] == "北海食品有限公司"
    assert company.get("contact", found["contact"])["name"] == "李想"
    after = company.get("lead", lead)
    assert (after["status"], after["customer"], after["opportunity"]) == ("converted", found["customer"], found.id)
    assert company.offered("zhang", "lead", lead) == set()
    with pytest.raises(NotAllowed):
        company.change("zhang", "lead", lead, score=90)


def test_lead_is_not_converted_half(company, lead) -> None:
    with pytest.raises((InvalidRecord, ActionFailed)):
        company.press("zhang", "lead", lead, "lead_convert", opportunity_name="A", amount="-1", close_date=day(60))
    assert company.all("customer", 'name == "北海食品有限公司"') == []
    assert company.get("lead", lead)["status"] == "new"


def test_lead_of_a_known_customer_is_linked_and_makes_no_second_one(company, lead) -> None:
    with pytest.raises(InvalidRecord) as refused:
        company.go("zhang", "lead", lead, "convert")
    assert "customer" in refused.value.by_field
    company.go("zhang", "lead", lead, "convert", customer=company.customer_of("zhang"))
    assert company.get("lead", lead)["status"] == "converted"


def test_lead_has_a_next_step_or_a_reason(company, lead) -> None:
    with pytest.raises(InvalidRecord):
        company.go("zhang", "lead", lead, "contact")
    company.go("zhang", "lead", lead, "contact", next_on=day(2), next_step="寄样册")
    with pytest.raises(InvalidRecord):
        company.go("zhang", "lead", lead, "invalidate")
    company.go("zhang", "lead", lead, "nurture", next_on=day(90))
    assert company.get("lead", lead)["status"] == "nurturing"


def test_case_goes_back_until_the_customer_is_satisfied(company) -> None:
    values = {"subject": "提升机异响", "content": "运行时有异响。", "type": "repair"}
    case = company.make("zhang", "service_case", customer=company.customer_of("zhang"), **values)
    company.go("lin", "service_case", case, "assign", assignee=company.ids["wang"])
    assert "handle" not in company.offered("zhang", "service_case", case)
    for satisfaction, verb, other in (("dissatisfied", "hand_back", "archive"), ("satisfied", "archive", "hand_back")):
        company.go("wang", "service_case", case, "handle", handling="更换轴承")
        company.go("zhang", "service_case", case, "answer", satisfaction=satisfaction, result="客户已确认")
        assert other not in company.offered("zhang", "service_case", case)
        with pytest.raises(InvalidRecord):
            company.go("zhang", "service_case", case, other)
        company.go("zhang", "service_case", case, verb)
    after = company.get("service_case", case)
    assert (after["status"], after["rounds"]) == ("archived", 1)
    with pytest.raises(NotAllowed):
        company.change("lin", "service_case", case, subject="别的")


def test_opportunity_is_won_lost_and_opened_again(company) -> None:
    values = {"name": "三期", "close_date": day(30)}
    found = company.make("zhang", "opportunity", customer=company.customer_of("zhang"), **values)
    with pytest.raises(InvalidRecord) as refused:
        company.go("zhang", "opportunity", found, "to_proposal")
    assert "amount" in refused.value.by_field
    company.go("zhang", "opportunity", found, "to_proposal", amount="100000")
    company.go("zhang", "opportunity", found, "lose", closed_on=TODAY, lost_reason="price")
    assert company.get("opportunity", found)["probability"] == 0
    assert "reopen" not in company.offered("zhang", "opportunity", found)
    company.go("lin", "opportunity", found, "reopen")
    company.go("zhang", "opportunity", found, "win", closed_on=TODAY)
    won = company.get("opportunity", found)
    assert (won["stage"], won["probability"], won["lost_reason"]) == ("won", 1, None)


def test_every_button_says_what_it_does_in_both_languages(company) -> None:
    catalog = company.as_("admin").catalog
    for model in catalog.objects.values():
        states = model.definition.states
        for each in states.transitions if states else ():
            assert each.label.show("zh-CN") != each.label.show("en"), f"{model.name}.{each.name}"
