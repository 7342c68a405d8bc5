"""People are told, once, in their language, by the ways they chose."""

from __future__ import annotations

import datetime as dt

import pytest

from dougong.base.errors import NotFound
from dougong.base.text import Message
from dougong.features.accounts.work import work
from dougong.features.activity import centre, notifications
from dougong.features.activity.mail import REST_SECONDS
from dougong.jobs import outbox
from dougong.records import service as records


@pytest.fixture
def make(engine, people):
    def make_(name: str = "Lotus", owner: str = "ann", **values) -> str:
        with work(engine, reason="a test") as ctx:
            given = {"name": name, "owner": people[owner], "employees": 12, **values}
            return records.create(ctx, "customer", given).id

    return make_


@pytest.fixture
def told(engine):
    def told_(login: str) -> list[tuple[str, str]]:
        with work(engine, login=login, write=False) as ctx:
            return [(each.title, each.body) for each in centre.list(ctx)]

    return told_


def stands(engine) -> outbox.Figures:
    with engine.database.open(write=False) as connection:
        return outbox.figures(connection, engine.clock.now())


def test_those_meant_are_told_in_their_language(make, carry, told, letterbox) -> None:
    make()
    carry()
    assert told("ann") == [("New: Lotus", "12 people, of Ann.")]
    assert told("eve") == [("新客户：Lotus", "12 人，负责人 Ann。")]
    assert told("bob") == []
    by_reader = {mail["To"].addresses[0].addr_spec: mail for mail in letterbox.mails}
    assert by_reader.keys() == {"ann@example.com", "eve@example.com"}
    assert by_reader["eve@example.com"]["Subject"] == "新客户：Lotus"


def test_record_that_the_condition_leaves_out_is_not_told(make, carry, told) -> None:
    make(employees=3)
    make("No number", employees=None)
    carry()
    assert told("ann") == []


def test_change_of_other_fields_promises_nothing(engine, make, carry, told) -> None:
    customer = make(employees=1)
    carry()
    with work(engine, reason="a test") as ctx:
        records.update(ctx, "customer", customer, {"employees": 2}, last_write=True)
    assert stands(engine).due == 0
    with work(engine, reason="a test") as ctx:
        records.update(ctx, "customer", customer, {"name": "Peony"}, last_write=True)
    carry()
    assert told("ann") == [("Now Peony", "")]


def test_nobody_is_told_of_what_was_rolled_back(engine, people, carry, told) -> None:
    def fall() -> None:
        with work(engine, reason="a test") as ctx:
            records.create(ctx, "customer", {"name": "Gone", "owner": people["ann"], "employees": 12})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fall()
    carry()
    assert told("ann") == []


def test_mail_is_text_and_html_with_its_links(make, carry, letterbox) -> None:
    customer = make("A & <B>")
    carry()
    mail = next(each for each in letterbox.mails if "ann" in each["To"])
    text, html = mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()
    assert mail["Subject"] == "New: A & <B>"
    assert mail["From"] == "Dougong <crm@example.com>"
    assert mail["List-Unsubscribe"] == "<https://crm.example.com/account#notifications>"
    assert mail["Message-ID"].endswith("@example.com>")
    assert "A & <B>" in text
    assert f"https://crm.example.com/o/customer/{customer}" in text
    assert "https://crm.example.com/account#notifications" in text
    assert "A &amp; &lt;B&gt;" in html
    assert "<B>" not in html


@pytest.mark.parametrize("name", ["x\r\nBcc: all@example.com", "x\nSubject: other\n\nbody", "行\u2028Bcc: a@b.cn"])
def test_nothing_in_a_value_begins_another_header(engine, people, carry, letterbox, name: str) -> None:
    with work(engine, reason="a test") as ctx:
        ctx.perform("notify", recipients=[people["ann"]], title=Message("{name}", name=name), record=None, object=None)
    carry()
    (mail,) = letterbox.mails
    assert mail["Bcc"] is None
    assert len(mail.get_all("Subject")) == 1
    assert [each.addr_spec for each in mail["To"].addresses] == ["ann@example.com"]


def test_address_that_is_none_is_parked_and_told_in_the_application(engine, people, carry, told, letterbox) -> None:
    user = {"email": "ann@example.com"}
    with work(engine, reason="a test") as ctx:
        records.update(ctx, "user", people["ann"], user, last_write=True)
        ctx.perform("notify", recipients=[people["ann"]], title=Message("Hello"))
    letterbox.answer = "550 no such user"
    carry()
    assert told("ann") == [("Hello", "")]
    assert stands(engine).parked == 1


def test_mail_server_away_for_an_hour_loses_nothing_and_repeats_nothing(
    engine, make, carry, told, letterbox, clock, monkeypatch
) -> None:
    monkeypatch.setattr("dougong.features.activity.mail.REST_SECONDS", 0.0)
    letterbox.close()
    make()
    carry()
    assert told("ann") != []
    for _ in range(12):
        clock.move(minutes=5)
        carry()
    assert letterbox.mails == []
    assert stands(engine).later == 2
    letterbox.open()
    for _ in range(24):
        clock.move(minutes=5)
        carry()
    assert sorted(mail["To"].addresses[0].addr_spec for mail in letterbox.mails) == [
        "ann@example.com",
        "eve@example.com",
    ]
    assert len({mail["Message-ID"] for mail in letterbox.mails}) == 2
    assert stands(engine) == outbox.Figures({}, None, 1, 0) or stands(engine).parked == 0
    assert REST_SECONDS > 0


def test_server_that_asks_to_come_back_gets_the_same_mail_later(engine, people, carry, letterbox, clock) -> None:
    with work(engine, reason="a test") as ctx:
        ctx.perform("notify", recipients=[people["ann"]], title=Message("Hello"))
    letterbox.answer = "451 try again"
    carry()
    letterbox.answer = "250 OK"
    clock.move(minutes=1)
    carry()
    (mail,) = letterbox.mails
    with work(engine, login="ann", write=False) as ctx:
        (told,) = centre.list(ctx)
    assert mail["Message-ID"] == f"<{told.id}@example.com>"


def test_person_chooses_by_which_ways(engine, make, carry, told, letterbox) -> None:
    with work(engine, login="ann") as ctx:
        centre.choose(ctx, {"customer_new": (True, False)})
    with work(engine, login="eve") as ctx:
        centre.choose(ctx, {"customer_new": (False, True), "no_such": (True, True)})
        assert {each.name: (each.app, each.mail) for each in centre.ways(ctx)}["customer_new"] == (False, True)
    make()
    carry()
    assert len(told("ann")) == 1
    assert told("eve") == []
    assert ["eve" in mail["To"] for mail in letterbox.mails] == [True]


def test_reminder_is_sent_once_for_each_record_and_date(engine, make, carry, told, clock) -> None:
    customer = make("Lotus", employees=1, since="2026-12-01")
    make("Later", employees=1, since="2027-01-01")
    make("Long ago", employees=1, since="2026-01-01")
    make("Blank", employees=1)
    clock.moment = dt.datetime(2026, 11, 24, 0, 50, tzinfo=dt.UTC)  # 08:50 in Shanghai
    for _ in range(3):
        carry()
        assert told("ann") == []
        clock.move(minutes=3)
    for _ in range(60):
        clock.move(minutes=75)
        carry()
    assert told("ann") == [("Lotus on Dec 1, 2026", "")]
    with work(engine, reason="a test") as ctx:
        records.update(ctx, "customer", customer, {"since": "2026-12-05"}, last_write=True)
    for _ in range(60):
        clock.move(minutes=75)
        carry()
    assert [title for title, _ in told("ann")] == ["Lotus on Dec 5, 2026", "Lotus on Dec 1, 2026"]


def test_who_left_is_not_told(engine, people, make, carry, letterbox) -> None:
    with work(engine, reason="a test") as ctx:
        records.update(ctx, "user", people["eve"], {"active": False}, last_write=True)
    make()
    carry()
    assert ["ann" in mail["To"] for mail in letterbox.mails] == [True]


def test_notification_is_read_by_its_reader_alone(engine, make, carry) -> None:
    make()
    make("Peony")
    carry()
    with work(engine, login="ann") as ctx:
        assert centre.unread(ctx.connection, ctx.actor.id) == 2
        (newest, _) = centre.list(ctx)
        assert centre.mark_read(ctx, newest.id) == 1
        assert centre.mark_read(ctx, newest.id) == 0
        assert [each.title for each in centre.list(ctx, which="unread")] == ["New: Lotus"]
        assert centre.mark_read(ctx) == 1
        assert centre.unread(ctx.connection, ctx.actor.id) == 0
    with work(engine, login="bob") as ctx, pytest.raises(NotFound):
        centre.mark_read(ctx, newest.id)


def test_many_readers_are_told_by_one_promise(engine, people, carry, told) -> None:
    with work(engine, reason="a test") as ctx:
        many = [records.create(ctx, "user", {"login": f"u{at}", "name": f"U{at}"}).id for at in range(20)]
        notifications.notify(ctx, recipients=[*many, many[0]], title=Message("All"))
    carry()
    with engine.database.open(write=False) as connection:
        assert [centre.unread(connection, each) for each in many] == [1] * 20
