"""what the bundles tell people by themselves when a date has come: once"""

from __future__ import annotations

import datetime as dt

import pytest

from dougong.base.clock import FixedClock
from dougong.features.accounts.work import work
from dougong.features.activity import centre
from dougong.jobs import schedule
from dougong.jobs.worker import Worker
from dougong.records import service as records
from dougong.records.query import Query
from dougong.testing.instances import CHECKOUT, read_bundles

TODAY = dt.date(2026, 11, 22)
PEOPLE = (("lin", "sales_supervisor", None), ("zhang", "customer_manager", "lin"), ("zhou", "finance", "lin"))


class Office:
    """A few people, and time that goes by."""

    def __init__(self, engine, clock) -> None:
        self.engine, self.clock = engine, clock
        self.worker = Worker(engine, schedules=False)
        self.ids: dict[str, str] = {}
        with work(engine, reason="people for a test") as ctx:
            unit = records.create(ctx, "unit", {"code": "sales", "name": "销售中心"}).id
            for login, role, superior in PEOPLE:
                values = {"login": login, "name": login.capitalize(), "locale": "zh-CN"}
                made = records.create(ctx, "user", {**values, "superior": self.ids.get(superior)})
                self.ids[login] = made.id
                records.create(ctx, "role_assignment", {"user": made.id, "role": role})
                records.create(ctx, "membership", {"user": made.id, "unit": unit, "main": True})
            self.customer = records.create(ctx, "customer", {"name": "苏州澜川", "owner": self.ids["zhang"]}).id

    def make(self, object_name, **values) -> str:
        """A record of Zhang's, as the system brings it in."""
        with work(self.engine, reason="a test") as ctx:
            return records.create(ctx, object_name, {"owner": self.ids["zhang"], **values}).id

    def live(self, days: int) -> None:
        """Let days go by, looking at the clock four times a day."""
        for _ in range(4 * days):
            self.clock.move(hours=6)
            schedule.fire(self.engine, self.engine.schedules)
            while self.worker.run_once():
                pass

    def told(self, login: str) -> list[str]:
        with work(self.engine, login=login, write=False) as ctx:
            return [each.title for each in centre.list(ctx)]

    def all(self, object_name: str) -> list:
        with work(self.engine, write=False, reason="look") as ctx:
            return list(records.list(ctx, object_name, Query(limit=100)).records)


@pytest.fixture
def office(instances, dialect):
    clock = FixedClock(dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC))
    engine = instances.make(read_bundles(CHECKOUT / "metadata"), dialect=dialect, clock=clock)
    made = Office(engine, clock)
    yield made
    made.worker.stop()
    instances.drop(engine)


def test_contract_that_ends_in_sixty_days_reminds_once_and_makes_one_task(office) -> None:
    values = {"customer": office.customer, "amount": "100", "start_on": "2026-01-01"}
    made = office.make("contract", name="年度维保", status="active", end_on=TODAY + dt.timedelta(days=62), **values)
    office.make("contract", name="草稿", status="draft", end_on=TODAY + dt.timedelta(days=62), **values)
    office.live(1)
    assert (office.told("zhang"), office.all("task")) == ([], [])
    office.live(4)
    assert [title for title in office.told("zhang") if "到期" in title] == ["合同即将到期：年度维保"]
    (task,) = office.all("task")
    assert (task["contract"], task["owner"], task["priority"]) == (made, office.ids["zhang"], "high")
    assert task["due_on"] == TODAY + dt.timedelta(days=32)


def test_task_reminds_before_and_after_it_is_due(office) -> None:
    office.make("task", subject="回访", due_on=TODAY + dt.timedelta(days=3))
    done = office.make("task", subject="已办", due_on=TODAY + dt.timedelta(days=3))
    with work(office.engine, login="zhang", door="test") as ctx:
        records.transition(ctx, "task", done, "finish", last_write=True)
    office.live(6)
    told = [title for title in office.told("zhang") if "新任务" not in title]
    assert told == ["任务逾期：回访", "明天到期：回访"]


def test_overdue_payment_reminds_owner_and_finance_until_it_is_there(office) -> None:
    values = {"customer": office.customer, "amount": "100", "start_on": "2026-01-01", "end_on": "2028-01-01"}
    contract = office.make("contract", name="年度维保", status="active", **values)
    due = {"contract": contract, "due_on": TODAY + dt.timedelta(days=1), "amount": "50"}
    office.make("receivable", milestone="预付款", **due)
    paid = office.make("receivable", milestone="尾款", **due)
    with work(office.engine, login="zhou", door="test") as ctx:
        given = {"received_on": TODAY, "method": "transfer"}
        records.transition(ctx, "receivable", paid, "receive", given, last_write=True)
    office.live(5)
    for login in ("zhang", "zhou"):
        assert office.told(login) == ["回款逾期：年度维保 · 预付款"]


def test_who_is_given_a_task_a_case_or_a_lead_is_told(office) -> None:
    with work(office.engine, login="lin", door="test") as ctx:
        mine = {"owner": ctx.actor.id}
        task = {"subject": "整理报价", "due_on": TODAY + dt.timedelta(days=30), "owner": office.ids["zhang"]}
        records.create(ctx, "task", task)
        lead = {"name": "展会名片", "company": "北海食品", "person": "李想", "mobile": "13911112222", **mine}
        made = records.create(ctx, "lead", lead)
        records.update(ctx, "lead", made.id, {"owner": office.ids["zhang"]}, last_write=True)
    case = {"subject": "异响", "content": "有异响。", "customer": office.customer, "owner": office.ids["lin"]}
    made = office.make("service_case", **case)
    with work(office.engine, login="lin", door="test") as ctx:
        records.transition(ctx, "service_case", made, "assign", {"assignee": office.ids["zhang"]}, last_write=True)
    office.live(1)
    assert sorted(title.partition("：")[0].split()[0] for title in office.told("zhang")) == [
        "新任务",
        "新线索",
        "服务单",
    ]
