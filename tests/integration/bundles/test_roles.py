"""what each role may do, by the requirements B-ROLE-001 to B-ROLE-007"""

from __future__ import annotations

import datetime as dt

import pytest

from dougong.base.errors import InvalidRecord, NotAllowed, NotFound
from dougong.definitions.kinds.report import Report
from dougong.features.accounts import sessions, tokens
from dougong.features.accounts.work import work
from dougong.features.reports import service as reports
from dougong.records import service as records
from dougong.records.query import Query
from dougong.testing.caller import Caller
from dougong.web import sign_in
from dougong.web.app import create_app

# c create, r read, u update, d delete, a assign; what stands nowhere is refused.
MATRIX = {
    "lin": {
        "customer": "cruda", "contact": "cruda", "follow_up": "crud", "opportunity": "cruda", "order": "cruda",
        "contract": "cruda", "receivable": "cruda", "visit": "cruda", "task": "cruda", "lead": "cruda",
        "service_case": "cruda", "product": "r",
    },
    "zhang": {
        "customer": "cru", "contact": "crud", "follow_up": "crud", "opportunity": "cru", "order": "cru",
        "contract": "cru", "receivable": "cru", "visit": "crud", "task": "cruda", "lead": "cru",
        "service_case": "cru", "product": "r",
    },
    "chen": {
        "customer": "r", "contact": "r", "follow_up": "r", "opportunity": "r", "order": "r", "contract": "r",
        "receivable": "r", "visit": "r", "task": "r", "lead": "r", "service_case": "r", "product": "r",
    },
    "zhou": {
        "customer": "r", "opportunity": "r", "order": "r", "contract": "r", "receivable": "cru", "task": "cruda",
        "product": "r",
    },
}  # fmt: skip
OBJECTS = (
    "customer", "contact", "follow_up", "opportunity", "order", "contract", "receivable", "visit", "task", "lead",
    "service_case", "product",
)  # fmt: skip
VERBS = {"c": "create", "r": "read", "u": "update", "d": "delete", "a": "assign"}
TODAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize("login", MATRIX)
def test_role_has_the_verbs_that_the_requirements_give_it(company, login) -> None:
    ctx = company.as_(login)
    may = {name: "".join(key for key, verb in VERBS.items() if records.may(ctx, verb, name)) for name in OBJECTS}
    assert {name: set(verbs) for name, verbs in may.items() if verbs} == {
        name: set(verbs) for name, verbs in MATRIX[login].items()
    }


def test_system_administrator_sees_people_and_no_customer_data(company) -> None:
    admin = company.one("user", 'login == "admin"')
    company.change("admin", "user", admin.id, is_administrator=False)
    ctx = company.as_("admin")
    assert {name for name in ("user", "unit", "membership", "role_assignment") if records.may(ctx, "update", name)} == {
        "user", "unit", "membership", "role_assignment",
    }  # fmt: skip
    assert [name for name in OBJECTS if records.may(ctx, "read", name)] == ["product"]


@pytest.mark.parametrize("name", ["customer", "contact", "opportunity", "order", "contract", "visit"])
def test_what_hangs_on_another_managers_customer_does_not_exist(company, name) -> None:
    of = "owner" if name == "customer" else "customer.owner"
    theirs = company.all(name, f'{of}.login == "wang" and owner.login == "wang"')
    assert theirs
    with pytest.raises(NotFound):
        records.get(company.as_("zhang"), name, theirs[0].id)
    with pytest.raises(NotFound):
        company.change("zhang", name, theirs[0].id, description="Mine now.")


@pytest.mark.parametrize("name", OBJECTS)
def test_executive_is_refused_every_write(company, name) -> None:
    ctx = company.as_("chen")
    found = records.list(ctx, name, Query(limit=1)).records[0]
    with pytest.raises(NotAllowed):
        records.update(ctx, name, found.id, {}, last_write=True)
    with pytest.raises(NotAllowed):
        records.delete(ctx, name, found.id, last_write=True)
    with pytest.raises(NotAllowed):
        records.create(ctx, name, {})
    assert company.offered("chen", name, found.id) == set()


def test_only_the_supervisor_assigns_opportunities(company) -> None:
    made = {"customer": company.customer_of("zhang"), "close_date": TODAY}
    mine = company.make("zhang", "opportunity", name="One", **made)
    with pytest.raises(InvalidRecord):
        company.change("zhang", "opportunity", mine, owner=company.ids["wang"])
    assert company.change("lin", "opportunity", mine, owner=company.ids["wang"])["owner"] == company.ids["wang"]
    theirs = company.make("lin", "opportunity", name="Two", owner=company.ids["zhang"], **made)
    plan = [{"item": "Show the warehouse", "planned_on": TODAY, "executor": company.ids["zhang"]}]
    company.change("lin", "opportunity", theirs, plan=plan)
    (item,) = records.get(company.as_("zhang"), "opportunity", theirs)["plan"]
    done = [{"id": item["id"], "done": True, "result": "They liked it."}]
    company.change("zhang", "opportunity", theirs, plan=done)


def test_only_the_supervisor_assigns_cases_in_every_door(company) -> None:
    made = {"subject": "Slow lift", "customer": company.customer_of("zhang"), "content": "It is slow."}
    case = company.make("zhang", "service_case", **made)
    assert "assign" not in company.offered("zhang", "service_case", case)
    for values in ({"assignee": company.ids["wang"]}, {"status": "assigned"}):
        with pytest.raises((InvalidRecord, NotAllowed)):
            company.change("zhang", "service_case", case, **values)
    with pytest.raises(InvalidRecord):
        company.make("zhang", "service_case", assignee=company.ids["wang"], **made)
    with pytest.raises((InvalidRecord, NotAllowed)):
        company.go("zhang", "service_case", case, "assign", assignee=company.ids["wang"])
    company.go("lin", "service_case", case, "assign", assignee=company.ids["wang"])
    assert records.get(company.as_("wang"), "service_case", case)["assignee"] == company.ids["wang"]
    assert records.get(company.as_("zhang"), "service_case", case)["assignee"] == company.ids["wang"]


def test_manager_claims_a_lead_and_only_the_supervisor_gives_it_to_others(company) -> None:
    lead = company.make(
        "lin", "lead", name="Fair", company="北海食品有限公司", person="李想", mobile="13911112222", owner=None
    )
    with pytest.raises((InvalidRecord, NotAllowed, NotFound)):
        company.change("zhang", "lead", lead, owner=company.ids["wang"])
    assert "lead_convert" not in company.offered("zhang", "lead", lead)
    company.go("zhang", "lead", lead, "claim")
    assert "claim" not in company.offered("zhang", "lead", lead)
    assert company.get("lead", lead)["owner"] == company.ids["zhang"]
    with pytest.raises(InvalidRecord):
        company.change("zhang", "lead", lead, owner=company.ids["wang"])
    company.change("lin", "lead", lead, owner=company.ids["wang"])
    with pytest.raises(NotFound):
        records.get(company.as_("zhang"), "lead", lead)


def test_only_finance_enters_payments(company) -> None:
    first = 'contract.name == "自动化立体仓库一期合同（苏州澜川）" and milestone == "预付款"'
    payment = company.one("receivable", first).id
    assert not {"receive", "receive_partly"} & company.offered("zhang", "receivable", payment)
    assert not {"receive", "receive_partly"} & company.offered("lin", "receivable", payment)
    paid = {"received_on": TODAY, "method": "transfer"}
    for login in ("zhang", "lin"):
        for values in ({"received": "1000"}, paid, {"status": "received", **paid}):
            with pytest.raises((InvalidRecord, NotAllowed)):
                company.change(login, "receivable", payment, **values)
        with pytest.raises((InvalidRecord, NotAllowed)):
            company.go(login, "receivable", payment, "receive", **paid)
    company.change("zhang", "receivable", payment, remark="They promised Friday.")
    company.go("zhou", "receivable", payment, "receive_partly", received="458000", **paid)
    seen = records.get(company.as_("zhang"), "receivable", payment)
    assert (seen["received"].amount, seen["outstanding"]) == (458000, 1000000)
    company.go("zhou", "receivable", payment, "receive", **paid)
    assert company.get("receivable", payment)["outstanding"] == 0
    with pytest.raises(NotAllowed):
        company.change("zhou", "receivable", payment, amount="1")


def test_executive_gets_403_on_screen_and_from_the_api(demo) -> None:
    app = create_app(demo)
    with work(demo, reason="a test") as ctx:
        (chen,) = records.list(ctx, "user", Query(where='login == "chen"')).records
        customer = records.list(ctx, "customer", Query(limit=1)).records[0].id
        token, secret = tokens.create(ctx, chen.id, name="a test")
        session = sessions.start(ctx.connection, chen.id, ctx.now())
    call = Caller(app, secret)
    assert call.get(f"records/customer/{customer}").status_code == 200
    assert call.patch(f"records/customer/{customer}", {"level": "a"}, version=1).status_code == 403
    assert call.delete(f"records/customer/{customer}", version=1).status_code == 403
    assert call.post("records/customer", {"name": "New"}).status_code == 403
    client = app.test_client()
    client.set_cookie(sign_in.COOKIE, session.secret)
    assert client.get(f"/o/customer/{customer}").status_code == 200
    assert client.get(f"/o/customer/{customer}/edit").status_code == 403
    form = {"csrf_token": session.csrf, "version": "1", "level": "a"}
    assert client.post(f"/o/customer/{customer}/edit", data=form).status_code == 403
    with work(demo, reason="a test") as ctx:
        tokens.revoke(ctx, token.id)


def test_analyses_of_the_seed_have_something_to_say_to_the_executive(company) -> None:
    ctx = company.as_("chen")
    for name in ctx.catalog.of(Report):
        assert len(reports.run(ctx, name).rows) >= 1, name
    for name in ("customer_contribution", "customers_by_level", "cases_by_type", "customers_asleep", "visits_by_owner"):
        assert len(reports.run(ctx, name).rows) >= 2, name
