"""without the CRM and its friends there is an empty platform, and it works"""

from __future__ import annotations

import pytest

from dougong.features.accounts import service as accounts
from dougong.features.accounts import sessions, tokens
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.testing.caller import Caller
from dougong.web import sign_in
from dougong.web.app import create_app
from dougong.web.pages import PAGES

PLACES = (
    "/", "/inbox", "/account", "/notifications", "/search?q=nothing", "/o/user", "/o/unit", "/o/role_assignment",
    "/o/membership", "/o/exchange_rate", "/o/user/new",
)  # fmt: skip


@pytest.fixture
def empty_platform(instances, system_layer, dialect):
    made = instances.make(system_layer, dialect=dialect)
    with work(made, reason="people for a test") as ctx:
        accounts.create_user(ctx, login="admin", name="Admin", is_administrator=True)
    yield made
    instances.drop(made)


def test_every_page_of_an_empty_platform_answers(empty_platform) -> None:
    client = create_app(empty_platform).test_client()
    with work(empty_platform, reason="sign in") as ctx:
        (admin,) = records.list(ctx, "user", records.Query(where='login == "admin"')).records
        client.set_cookie(sign_in.COOKIE, sessions.start(ctx.connection, admin.id, ctx.now()).secret)
    fixed = [page.rule for page in PAGES if page.rule.startswith("/admin") and "<" not in page.rule]
    assert fixed
    for place in (*PLACES, *fixed):
        answer = client.get(place)
        assert answer.status_code in (200, 302, 400, 405), f"{place}: {answer.status_code}"


def test_programs_get_answers_from_an_empty_platform(empty_platform) -> None:
    with work(empty_platform, reason="a token") as ctx:
        (admin,) = records.list(ctx, "user", records.Query(where='login == "admin"')).records
        _token, secret = tokens.create(ctx, admin.id, name="a test")
    call = Caller(create_app(empty_platform), secret)
    assert call.get("records/user").status_code == 200
    assert call.get("records/customer").status_code == 404
    assert {each["name"] for each in call.get("objects").json["objects"]} >= {"user", "unit"}
