"""The inbox for programs."""

from __future__ import annotations

import pytest

from dougong.features.accounts import tokens
from dougong.features.accounts.work import work
from dougong.testing.caller import Caller
from dougong.web import app as web


@pytest.fixture
def as_(house):
    app = web.create_app(house.engine)
    secrets = {}
    with work(house.engine, reason="tokens for a test") as ctx:
        for login in ("zhang", "wang", "lin", "chen", "admin"):
            secrets[login] = tokens.create(ctx, house.ids[login], name="test")[1]
    return lambda login: Caller(app, secrets[login])


def test_deal_is_submitted_decided_and_traced(house, as_) -> None:
    deal = house.deal(amount=700_000)
    asked = {"object": "deal", "record": deal}
    found = as_("zhang").post("flows/deal_approval/simulate", asked)
    assert [step["node"] for step in found.json["steps"]] == ["supervisor", "executive", "finance"]
    started = as_("zhang").post("flows/deal_approval/start", asked)
    assert started.status_code == 201
    assert started.json["status"] == "running"
    again = as_("zhang").post("flows/deal_approval/start", asked)
    assert again.status_code == 422
    inbox = as_("lin").get("inbox?count=true").json
    assert inbox["count"] == 1
    (entry,) = inbox["items"]
    assert (entry["title"], entry["node"], entry["applicant"]["name"]) == ("D", "supervisor", "Zhang")
    item = as_("lin").get(f"inbox/{entry['id']}").json
    assert item["verbs"] == ["approve", "reject", "return", "transfer", "cc"]
    assert item["record"]["amount"] == "700000.00"
    assert item["returns"] == ["applicant"]
    assert item["needs_opinion"] == ["reject", "return"]
    decided = as_("lin").post(f"inbox/{entry['id']}/approve", {"opinion": "Good."})
    assert decided.status_code == 200
    assert {each["node"] for each in decided.json["waits"]} == {"executive", "finance"}
    traced = as_("zhang").get(f"flows/instances/{started.json['id']}").json
    assert [event["verb"] for event in traced["events"]] == ["submit", "approve"]


def test_refusals_say_what_is_wrong(house, as_) -> None:
    house.submitted(amount=1000)
    (entry,) = as_("lin").get("inbox").json["items"]
    path = f"inbox/{entry['id']}"
    assert as_("wang").get(path).status_code == 404
    assert as_("wang").post(f"{path}/approve").status_code == 404
    assert as_("zhang").post(f"{path}/approve").status_code == 403
    assert as_("lin").post(f"{path}/dance").status_code == 404
    assert as_("lin").post(f"{path}/reject").json["errors"][0]["field"] == "opinion"
    assert as_("lin").post(f"{path}/approve", {"vlaues": {}}).status_code == 400
    assert as_("lin").post(f"{path}/approve", {"values": {"amount": 1}}).status_code == 422
    assert as_("lin").post(f"{path}/approve", {}, headers={"If-Match": '"1"'}).status_code == 412
    assert as_("lin").post(f"{path}/transfer", {"to": "nobody"}).status_code == 422
    assert as_("lin").post(f"{path}/transfer", {"to": {"a": 1}}).status_code == 400
    assert as_("lin").post(f"{path}/approve").status_code == 200
    second = as_("lin").post(f"{path}/approve")
    assert (second.status_code, second.json["code"]) == (409, "flow_decided")
    assert as_("lin").get("inbox/none").status_code == 404
    assert as_("lin").get("inbox?state=what").status_code == 400
    assert as_("lin").get("inbox?cursor=x").status_code == 400


def test_inbox_is_paged_and_searched(house, as_) -> None:
    for number in range(5):
        house.submitted(name=f"Deal {number}%")
    first = as_("lin").get("inbox?limit=2").json
    second = as_("lin").get(f"inbox?limit=2&cursor={first['next']}").json
    third = as_("lin").get(f"inbox?limit=2&cursor={second['next']}").json
    titles = [each["title"] for page in (first, second, third) for each in page["items"]]
    assert titles == [f"Deal {number}%" for number in (4, 3, 2, 1, 0)]
    assert third["next"] is None
    assert [each["title"] for each in as_("lin").get("inbox?q=deal 3").json["items"]] == ["Deal 3%"]
    assert as_("lin").get("inbox?q=%25%25").json["items"] == []
    assert len(as_("zhang").get("inbox?state=mine&object=deal").json["items"]) == 5
    assert as_("lin").get("inbox?state=done").json["items"] == []


def test_token_that_may_only_read_decides_nothing(house) -> None:
    house.submitted()
    (entry,) = house.waiting("lin")
    with work(house.engine, reason="a token") as ctx:
        secret = tokens.create(ctx, house.ids["lin"], name="reader", scope=["read"])[1]
    reader = Caller(web.create_app(house.engine), secret)
    assert reader.get(f"inbox/{entry.id}").status_code == 200
    assert reader.post(f"inbox/{entry.id}/approve").status_code == 403


def test_openapi_describes_the_inbox(as_) -> None:
    document = as_("lin").get("openapi.json").json
    assert {"/inbox", "/inbox/{item}", "/inbox/{item}/{verb}", "/flows/{flow}/start"} <= set(document["paths"])
    assert document["paths"]["/flows/{flow}/start"]["post"]["parameters"][0]["schema"] == {"enum": ["deal_approval"]}
