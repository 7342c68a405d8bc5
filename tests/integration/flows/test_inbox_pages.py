"""The inbox on the screen, without script."""

from __future__ import annotations

import re

import pytest
from argon2 import PasswordHasher

from dougong.features.accounts import passwords
from dougong.features.accounts import service as accounts
from dougong.features.accounts.work import work
from dougong.web import sign_in
from dougong.web.app import create_app


class Window:
    """A browser without script."""

    def __init__(self, app, secret: str, csrf: str) -> None:
        self.client = app.test_client()
        self.client.set_cookie(sign_in.COOKIE, secret)
        self.csrf = csrf

    def text(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, **fields):
        return self.client.post(path, data={**fields, "csrf_token": self.csrf})


@pytest.fixture
def window(house, monkeypatch):
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", hasher)
    app = create_app(house.engine)

    def open_(login: str) -> Window:
        with work(house.engine, reason="a password") as ctx:
            accounts.set_password(ctx, house.ids[login], "correct horse")
        session = accounts.sign_in(house.engine, login=login, password="correct horse")
        return Window(app, session.secret, session.csrf)

    return open_


def only_link(text: str) -> str:
    (href,) = set(re.findall(r'href="(/inbox/[0-9a-f-]{36})"', text))
    return href


def test_supervisor_finds_reads_and_approves(house, window) -> None:
    deal = house.submitted(name="Bridge", amount=1000)
    lin = window("lin")
    listed = lin.text("/inbox")
    assert "Bridge" in listed
    assert 'class="count count-urgent push"' in listed
    href = only_link(listed)
    page = lin.text(href)
    for said in ("Bridge", "1,000.00", "Deal approval", "Supervisor", 'value="approve"', 'value="return"', "Zhang"):
        assert said in page
    refused = lin.post(href, verb="reject", opinion="")
    assert refused.status_code == 422
    assert "Say why." in refused.text
    done = lin.post(href, verb="approve", opinion="Good.")
    assert (done.status_code, done.headers["Location"]) == (303, "/inbox")
    assert house.status(deal) == "approved"
    assert "Nothing waits for you" in lin.text("/inbox")
    assert "Bridge" in lin.text("/inbox?state=done")
    again = lin.post(href, verb="approve")
    assert again.status_code == 409
    assert "already" in again.text


def test_finance_enters_a_field_and_returns_to_an_earlier_node(house, window) -> None:
    deal = house.submitted(name="Tower", amount=900_000)
    house.act("lin", "approve")
    zhou = window("zhou")
    href = only_link(zhou.text("/inbox"))
    page = zhou.text(href)
    assert 'name="discount"' in page
    assert '<option value="supervisor">Supervisor</option>' in page
    assert zhou.post(href, verb="return", to_node="supervisor", opinion="Ask again.").status_code == 303
    assert house.who() == {"lin"}
    house.act("lin", "approve")
    href = only_link(zhou.text("/inbox"))
    wrong = zhou.post(href, verb="approve", discount="much", opinion="Yes.")
    assert wrong.status_code == 422
    assert 'value="much"' in wrong.text
    assert zhou.post(href, verb="approve", discount="2.5", opinion="Yes.").status_code == 303
    assert str(house.get(deal)["discount"]) == "2.50"


def test_applicant_follows_on_the_record_and_withdraws(house, window) -> None:
    deal = house.submitted(name="Road", amount=1000)
    zhang = window("zhang")
    page = zhang.text(f"/o/deal/{deal}")
    assert "In approval" in page
    assert "Waits for Lin" in page
    assert "flow-data" in page
    href = only_link(page)
    shown = zhang.text(href)
    assert 'value="approve"' not in shown
    assert zhang.post(href, verb="withdraw").status_code == 303
    assert house.status(deal) == "draft"
    assert "Withdrawn" in zhang.text("/inbox?state=mine")


def test_copy_is_read_and_no_longer_marked(house, window) -> None:
    house.submitted(name="Park", amount=1000)
    house.act("lin", "cc", to=[house.ids["wang"]])
    wang = window("wang")
    listed = wang.text("/inbox?state=cc")
    assert "<b>Park</b>" in listed
    href = only_link(listed)
    assert wang.post(href, verb="read").status_code == 303
    assert "<b>Park</b>" not in wang.text("/inbox?state=cc")


def test_stranger_finds_nothing(house, window) -> None:
    house.submitted(name="Secret", amount=1000)
    href = only_link(window("lin").text("/inbox"))
    assert window("wang").client.get(href).status_code == 404
    assert window("wang").client.get("/inbox/nonsense").status_code == 404


def test_markup_in_titles_and_opinions_is_shown_as_text(house, window) -> None:
    deal = house.submitted(name="</script><script>alert(1)</script>", amount=1000)
    house.act("lin", "approve", opinion="<img src=x onerror=alert(1)>")
    page = window("zhang").text(f"/o/deal/{deal}")
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_inbox_is_in_the_language_of_its_reader(house, window) -> None:
    house.submitted(name="Bridge", amount=700_000)
    house.act("lin", "approve")
    text = window("chu").text("/inbox")
    for said in ("审批中心", "待办", "已办", "我发起的", "抄送我的"):
        assert said in text
    page = window("chu").text(only_link(text))
    for said in ("同意", "拒绝", "退回", "审批意见", "审批进展"):
        assert said in page
