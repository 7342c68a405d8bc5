"""where a request comes from: proxies, refused addresses, and what the log says of it"""

from __future__ import annotations

import dataclasses
import io
import json
import logging

import pytest

from dougong.base import log
from dougong.features.accounts import service as accounts
from dougong.features.accounts.work import work
from dougong.web import health, sign_in
from dougong.web.app import create_app

PASSWORD = "correct horse"


@pytest.fixture
def app_with(shop):
    """Give a function that makes an application with other settings."""

    def make(**settings):
        return create_app(dataclasses.replace(shop, settings=dataclasses.replace(shop.settings, **settings)))

    return make


def guess(app, times, *, forwarded=None, peer="8.8.8.8"):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    client = app.test_client()
    sent = {"login": "nobody", "password": "wrong password"}
    return [
        client.post("/sign-in", data=sent, headers=headers, environ_base={"REMOTE_ADDR": peer}) for _ in range(times)
    ]


def test_address_that_failed_too_often_is_told_when_to_come_back(app_with):
    answers = guess(app_with(sign_in_failures=2), 3)
    assert [each.status_code for each in answers] == [401, 401, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 15 * 60
    assert "15" in answers[-1].text


def test_trusted_proxy_says_who_asks(app_with):
    app = app_with(sign_in_failures=1, trusted_proxies=1)
    assert guess(app, 2, forwarded="198.51.100.1", peer="127.0.0.1")[-1].status_code == 429
    assert guess(app, 1, forwarded="198.51.100.2", peer="127.0.0.1")[-1].status_code == 401
    # What a caller wrote there before the proxy is not believed.
    assert guess(app, 1, forwarded="198.51.100.9, 198.51.100.1", peer="127.0.0.1")[-1].status_code == 429


def test_trusted_proxy_says_that_it_was_https(app_with, shop):
    with work(shop, reason="a person for a test") as ctx:
        accounts.create_user(ctx, login="ann", name="Ann", password=PASSWORD)
    for trusted, is_secure in ((1, True), (0, False)):
        answer = (
            app_with(trusted_proxies=trusted)
            .test_client()
            .post("/sign-in", data={"login": "ann", "password": PASSWORD}, headers={"X-Forwarded-Proto": "https"})
        )
        assert answer.status_code == 303
        assert ("Secure" in answer.headers["Set-Cookie"]) is is_secure


def test_proxy_that_nobody_told_us_of_locks_nobody(app_with):
    app = app_with(sign_in_failures=1)
    assert {each.status_code for each in guess(app, 3, forwarded="198.51.100.1", peer="127.0.0.1")} == {401}
    # From outside, the header is what anybody may write.
    assert guess(app, 2, forwarded="198.51.100.1")[-1].status_code == 429


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "found"),
    [
        ("8.8.8.8", None, 0, "8.8.8.8"),
        ("8.8.8.8", "1.2.3.4", 0, "8.8.8.8"),
        ("10.0.0.7", "1.2.3.4", 0, None),
        ("10.0.0.7", None, 0, "10.0.0.7"),
        ("10.0.0.7", "1.2.3.4", 1, "10.0.0.7"),
        ("", "1.2.3.4", 0, ""),
    ],
)
def test_address_is_the_one_that_tells_people_apart(app, peer, forwarded, trusted, found):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    with app.test_request_context("/", headers=headers, environ_base={"REMOTE_ADDR": peer}) as asked:
        assert sign_in.address(asked.request, trusted_proxies=trusted) == found


# ---- the log ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def logged():
    """Give what is logged, as data, while a test runs."""
    stream = io.StringIO()
    level = log.requests.level
    handler = log.set_up("json", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)
    log.requests.setLevel(level)


def test_request_is_noted_without_values(window, logged):
    ann = window("ann", "seller")
    assert ann.get("/o/customer?q=secretword").status_code in (200, 403)
    (line,) = [each for each in logged() if each["logger"] == "dougong.request"]
    assert (line["method"], line["route"]) == ("GET", "/o/<name>")
    assert line["statements"] >= 1
    assert line["user"]
    assert line["ms"] > 0
    assert "secretword" not in json.dumps(logged())


def test_unforeseen_error_is_in_the_log_alone_under_its_number(app, logged, monkeypatch):
    def fail(*_):
        raise RuntimeError("what nobody may see")

    monkeypatch.setattr(health, "_said", fail)
    answer = app.test_client().get("/healthz?q=secretword", headers={"Accept-Language": "en"})
    assert answer.status_code == 500
    assert "what nobody may see" not in answer.text
    number = answer.headers["X-Request-Id"]
    assert number in answer.text
    (failed,) = [each for each in logged() if each["level"] == "error"]
    assert failed["request_id"] == number
    assert "RuntimeError: what nobody may see" in failed["traceback"]
    assert "secretword" not in json.dumps(logged())


def test_what_was_entered_is_in_no_message_of_the_database(shop):
    def fail():
        with shop.database.open(write=True) as connection:
            connection.exec_driver_sql(
                "INSERT INTO dougong_nothing VALUES (%(x)s)"
                if shop.database.dialect == "postgresql"
                else "INSERT INTO dougong_nothing VALUES (:x)",
                {"x": "secretword"},
            )

    with pytest.raises(Exception, match="dougong_nothing") as failed:
        fail()
    assert "secretword" not in str(failed.value)
