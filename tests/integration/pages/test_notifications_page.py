"""What one was told, on its page, in the bell and in the API."""

from __future__ import annotations

import json

import pytest

from dougong.base.text import Message
from dougong.features.accounts.work import work
from dougong.features.activity import centre
from dougong.jobs.worker import Worker
from dougong.records import service as records
from dougong.web.app import create_app
from dougong.web.pages import notifications as page
from dougong.web.streams import Streams


@pytest.fixture
def tell(shop):
    def tell_(login: str, *titles: str, **more) -> None:
        with work(shop, reason="a test") as ctx:
            user = records.list(ctx, "user", records.Query(where=f'login == "{login}"')).records[0].id
            for title in titles:
                ctx.perform("notify", recipients=[user], title=Message("{title}", title=title), **more)
        worker = Worker(shop, schedules=False)
        worker.run_once()
        worker.join()

    return tell_


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr(page, "HELD_SECONDS", 0.2)
    monkeypatch.setattr(page, "LOOK_SECONDS", 0.05)


def test_new_ones_stand_first_and_are_opened_once(window, tell) -> None:
    ann = window("ann")
    assert "Nothing to tell" in ann.text("/notifications")
    tell("ann", "<First>", "Second", href="/o/customer", body=Message("Line one"))
    text = ann.text("/notifications")
    assert "&lt;First&gt;" in text
    assert "Line one" in text
    assert text.index("Second") < text.index("&lt;First&gt;")
    assert "data-bell-number>2<" in text
    first = _ids(ann)["<First>"]
    answer = ann.post(f"/notifications/{first}", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/o/customer")
    text = ann.text("/notifications")
    assert text.index("Second") < text.index(">Read<") < text.index("&lt;First&gt;")
    assert "data-bell-number>1<" in text
    assert ann.post("/notifications", {}).status_code == 303
    assert "hidden" in ann.text("/notifications").partition("data-bell-count")[2][:40]


def _ids(window) -> dict[str, str]:
    return {each["title"]: each["id"] for each in window.get("/api/v1/notifications").json["notifications"]}


def test_notification_leads_nowhere_else(window, tell) -> None:
    ann = window("ann")
    tell("ann", "Evil", href="https://evil.example.com/x")
    answer = ann.post(f"/notifications/{_ids(ann)['Evil']}", {})
    assert answer.headers["Location"] == "/notifications"


def test_notification_of_another_is_not_there(window, tell) -> None:
    ann, bob = window("ann"), window("bob")
    tell("ann", "Mine")
    found = _ids(ann)["Mine"]
    assert bob.post(f"/notifications/{found}", {}).status_code == 404
    assert "Mine" not in bob.text("/notifications")
    headers = {"X-CSRF-Token": bob.csrf}
    assert bob.client.post(f"/api/v1/notifications/{found}/read", headers=headers).status_code == 404


def test_notifications_are_in_the_api(window, tell) -> None:
    ann = window("ann")
    tell("ann", "One", "Two", "Three")
    said = ann.get("/api/v1/notifications?limit=2").json
    assert [each["title"] for each in said["notifications"]] == ["Three", "Two"]
    assert said["unread"] == 3
    more = ann.get(f"/api/v1/notifications?limit=2&cursor={said['next']}").json
    assert [each["title"] for each in more["notifications"]] == ["One"]
    assert more["next"] is None
    headers = {"X-CSRF-Token": ann.csrf}
    one = more["notifications"][0]["id"]
    assert ann.client.post(f"/api/v1/notifications/{one}/read", headers=headers).json["read_at"] is not None
    unread = ann.get("/api/v1/notifications?unread=true").json
    assert [each["title"] for each in unread["notifications"]] == ["Three", "Two"]
    assert ann.client.post("/api/v1/notifications/read", headers=headers).json == {"read": 2}
    assert ann.get("/api/v1/notifications?cursor=nonsense").status_code == 400


def test_long_list_is_turned_over(window, tell) -> None:
    ann = window("ann")
    tell("ann", *(f"N{at}" for at in range(page.ON_PAGE + 2)))
    assert "There are more" in ann.text("/notifications")
    ann.post("/notifications", {})
    text = ann.text("/notifications")
    following = text.partition('href="/notifications?before=')[2].partition('"')[0]
    assert ">N0<" in ann.text(f"/notifications?before={following}")


def test_bell_is_told_while_the_page_is_open(window, tell) -> None:
    ann = window("ann")
    tell("ann", "One")
    answer = ann.get("/notifications/stream")
    assert answer.content_type.startswith("text/event-stream")
    events = [each for each in answer.text.split("\n\n") if "data:" in each]
    assert json.loads(events[0].partition("data: ")[2]) == {"unread": 1}
    assert f"retry: {page.SOON}" in events[0]
    assert ":" in answer.text.split("\n\n")[1]


def test_who_finds_no_place_is_answered_at_once(window, shop, tell, monkeypatch) -> None:
    ann = window("ann")
    tell("ann", "One")
    other = create_app(shop, streams=0).test_client()
    other.set_cookie("dougong_session", ann.client.get_cookie("dougong_session").value)
    monkeypatch.setattr(page, "HELD_SECONDS", 60)
    answer = other.get("/notifications/stream")
    assert answer.text == f'retry: {page.LATER}\ndata: {{"unread":1}}\n\n'


def test_place_is_left_once_and_can_be_taken_again() -> None:
    streams = Streams(1)
    leave = streams.take()
    assert leave is not None
    assert streams.take() is None
    leave()
    leave()
    again = streams.take()
    assert again is not None
    assert streams.take() is None


def test_stream_that_nobody_reads_to_its_end_leaves_its_place(window, shop, app) -> None:
    ann = window("ann")
    alone = create_app(shop, streams=1).test_client()
    alone.set_cookie("dougong_session", ann.client.get_cookie("dougong_session").value)
    for _ in range(3):
        answer = alone.get("/notifications/stream", buffered=False)
        assert f"retry: {page.SOON}" in next(iter(answer.response)).decode()
        answer.close()


def test_stream_is_for_those_who_are_signed_in(app) -> None:
    assert app.test_client().get("/notifications/stream").status_code in (303, 401)


def test_person_chooses_on_the_account_page(window, shop, tell) -> None:
    ann = window("ann")
    assert 'name="app.others"' in ann.text("/account")
    ann.post("/account/notifications", {"name": "others", "mail.others": "1"})
    with work(shop, login="ann", write=False) as ctx:
        (ways,) = centre.ways(ctx)
    assert (ways.app, ways.mail) == (False, True)
    tell("ann", "Not here")
    assert "Not here" not in ann.text("/notifications")
