"""Comments under a record: its readers read and write them, and who is mentioned and may read the record is told."""

from __future__ import annotations

import orjson
import pytest
import sqlalchemy as sa

from dougong.features.accounts import tokens
from dougong.features.accounts.work import work
from dougong.features.activity import comments
from dougong.records import service as records
from dougong.storage.platform_tables import comment as table
from dougong.storage.platform_tables import outbox
from dougong.testing.caller import Caller


@pytest.fixture
def customer(as_) -> str:
    """A customer of ann's; eve sees it, bob does not."""
    return as_("ann").post("records/customer", {"name": "Acme"}).json["id"]


def say(caller, customer: str, text: str):
    return caller.post(f"records/customer/{customer}/comments", {"text": text})


def promised(shop) -> list[dict]:
    with shop.database.open(write=False) as connection:
        rows = connection.execute(sa.select(outbox.c.body).where(outbox.c.topic == "notification.send")).scalars()
        return [orjson.loads(each) for each in rows]


def test_reader_writes_reads_changes_and_takes_back(as_, customer, clock) -> None:
    ann, eve = as_("ann"), as_("eve")
    made = say(eve, customer, "  Call them\r\n<b>soon</b>  ")
    assert made.status_code == 201
    assert made.json["text"] == "Call them\n<b>soon</b>"
    assert made.json["by"]["name"] == "Eve"
    here = made.headers["Location"].removeprefix("/api/v1/")
    assert ann.get(here).json["edited_at"] is None
    clock.move(minutes=5)
    assert eve.patch(here, {"text": "Call them today"}).json["edited_at"] is not None
    assert [each["text"] for each in ann.get(f"records/customer/{customer}/comments").json["comments"]] == [
        "Call them today"
    ]
    refused = ann.patch(here, {"text": "No"})
    assert refused.status_code == 403
    assert refused.json["code"] == "not_mine"
    assert ann.delete(here).status_code == 403
    assert eve.delete(here).status_code == 204
    assert eve.get(here).status_code == 404
    assert ann.get(f"records/customer/{customer}/comments").json == {"comments": [], "next": None}


def test_who_may_not_read_the_record_learns_nothing_of_its_comments(as_, customer) -> None:
    made = say(as_("ann"), customer, "secret")
    bob = as_("bob")
    here = f"records/customer/{customer}/comments"
    assert bob.get(here).status_code == 404
    assert say(bob, customer, "hello").status_code == 404
    comment = made.json["id"]
    for answer in (
        bob.get(f"{here}/{comment}"),
        bob.patch(f"{here}/{comment}", {"text": "x"}),
        bob.delete(f"{here}/{comment}"),
    ):
        assert answer.status_code == 404
        assert "secret" not in answer.text
    other = bob.post("records/customer", {"name": "Other"}).json["id"]
    assert bob.get(f"records/customer/{other}/comments/{comment}").status_code == 404


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 10_001, "a\u0000b", 7])
def test_text_that_is_none_is_refused(as_, customer, text) -> None:
    assert say(as_("ann"), customer, text).status_code in (400, 422)
    assert as_("ann").get(f"records/customer/{customer}/comments").json["comments"] == []


def test_mention_tells_who_may_read_and_says_who_may_not(as_, customer, shop, people) -> None:
    made = say(as_("ann"), customer, "@eve and @Bob, look; not a@eve.com, and @ann herself, nor @nobody").json
    assert made["told"] == ["Eve"]
    assert made["not_told"] == ["Bob"]
    assert [(each["name"], made["text"][each["start"] : each["end"]]) for each in made["mentions"]] == [
        ("Eve", "@eve"), ("Bob", "@Bob"), ("Ann", "@ann"),
    ]  # fmt: skip
    (told,) = promised(shop)
    assert told["recipients"] == [people["eve"].id]
    assert (told["object"], told["record"]) == ("customer", customer)
    assert told["title"]["params"]["title"] == "Acme"


def test_edit_tells_only_who_is_new_in_it(as_, customer, shop) -> None:
    made = say(as_("ann"), customer, "@eve look").json
    here = f"records/customer/{customer}/comments/{made['id']}"
    assert as_("ann").patch(here, {"text": "@eve look again"}).json["told"] == []
    assert len(promised(shop)) == 1


def test_chinese_name_needs_no_blank_and_a_shared_name_means_nobody(as_, customer, shop) -> None:
    with work(shop, reason="people for a test") as ctx:
        for login, name in (("zw", "张伟"), ("zwl", "张伟林"), ("li1", "李娜"), ("li2", "李娜")):
            records.create(ctx, "user", {"login": login, "name": name})
    made = say(as_("ann"), customer, "请@张伟林看，@张伟也看，@李娜不看，@li2看。").json
    said = [made["text"][each["start"] : each["end"]] for each in made["mentions"]]
    assert said == ["@张伟林", "@张伟", "@li2"]


def test_comments_come_in_pages(as_, customer) -> None:
    ann = as_("ann")
    for number in range(5):
        say(ann, customer, f"comment {number}")
    first = ann.get(f"records/customer/{customer}/comments?limit=2").json
    second = ann.get(f"records/customer/{customer}/comments?limit=2&cursor={first['next']}").json
    third = ann.get(f"records/customer/{customer}/comments?limit=2&cursor={second['next']}").json
    said = [each["text"] for page in (first, second, third) for each in page["comments"]]
    assert said == [f"comment {number}" for number in (4, 3, 2, 1, 0)]
    assert third["next"] is None
    assert ann.get(f"records/customer/{customer}/comments?cursor=nonsense").status_code == 400


def test_deleting_a_record_keeps_its_comments(as_, customer, shop) -> None:
    ann = as_("ann")
    say(ann, customer, "kept")
    assert ann.delete(f"records/customer/{customer}?last_write=true").status_code == 204
    assert ann.get(f"records/customer/{customer}/comments").status_code == 404
    with shop.database.open(write=False) as connection:
        assert connection.execute(sa.select(table.c.text).where(table.c.record == customer)).scalars().all() == ["kept"]


def test_feature_writes_a_comment_for_another(as_, customer, shop) -> None:
    with work(shop, login="ann") as ctx:
        ctx.perform("comment", object="customer", record=customer, text="by an action")
        assert comments.count(ctx, customer) == 1
    assert as_("ann").get(f"records/customer/{customer}/comments").json["comments"][0]["by"]["name"] == "Ann"


def test_token_that_may_only_read_writes_no_comment(as_, app, people, customer, shop) -> None:
    with work(shop, reason="a token for a test") as ctx:
        _, secret = tokens.create(ctx, people["ann"].id, name="reads", scope=["read"])
    caller = Caller(app, secret)
    assert caller.get(f"records/customer/{customer}/comments").status_code == 200
    assert say(caller, customer, "hello").status_code == 403
