"""what a dashboard shows, to whom, and what becomes of a tile that fails"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from dougong.base.clock import FixedClock
from dougong.base.errors import NotFound
from dougong.features.accounts import service as accounts
from dougong.features.accounts import sessions
from dougong.features.accounts.work import work
from dougong.features.reports import dashboard
from dougong.records import service as records
from dougong.testing.instances import CHECKOUT, read_bundles
from dougong.web import sign_in
from dougong.web.app import create_app

GOLDEN = CHECKOUT / "tests" / "golden" / "bundles" / "dashboards" / "shop"
SECRETS = {
    "bundle.yaml": "{kind: bundle, name: secrets, version: 1.0.0, requires: [{name: system}, {name: shop}]}",
    "objects/secret.yaml": "{kind: object, name: secret, title: name, fields: [{name: name, type: text, label: Name}]}",
    "views/secrets_all.yaml": "{kind: view, name: secrets_all, object: secret, columns: [{name: name}]}",
    "reports/secrets.yaml": "{kind: report, name: secrets, object: secret, measures: [{name: n, function: count}]}",
    "access/auditor.yaml": "{kind: role, name: auditor, label: Auditor, permission_sets: [secrets]}",
    "access/secrets.yaml": """
kind: permission_set
name: secrets
label: Secrets
grants: [{name: secrets, object: secret, verbs: [read], scope: all}]
""",
    "dashboards/mixed.yaml": """
kind: dashboard
name: mixed
label: Mixed
position: 1
tiles:
  - {name: secrets, type: number, report: secrets}
  - {name: secret_list, type: list, view: secrets_all}
  - {name: go, type: shortcut, items: [{name: secret, object: secret}, {name: deal, object: deal}]}
  - {name: deals, type: number, view: deals_all}
""",
    "dashboards/audit.yaml": """
kind: dashboard
name: audit
label: Audit
roles: [auditor]
position: 1
tiles: [{name: secrets, type: number, report: secrets}]
""",
}


DEALS = (
    ("2026-11-02", "600000"), ("2026-11-22", "400000"), ("2026-10-05", "300000"), ("2026-10-22", "200000"),
    ("2026-10-23", "7"), ("2026-09-01", "9"), (None, "5"),
)  # fmt: skip
"""When a deal was won, and its amount."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shop(request, instances):
    """A shop with seven deals, a seller, an auditor and nobody in particular."""
    if request.param == "postgresql" and not instances.postgres_url:
        pytest.skip("set DOUGONG_TEST_POSTGRES_URL to test on PostgreSQL too")
    layers = {**read_bundles(CHECKOUT / "metadata" / "system", GOLDEN), "secrets": SECRETS}
    clock = FixedClock(dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC))
    engine = instances.make(layers, dialect=request.param, clock=clock)
    engine = replace(engine, settings=replace(engine.settings, timezone="Asia/Shanghai", locale="en"))
    with work(engine, reason="people and deals") as ctx:
        for login, roles in (("sam", ["seller"]), ("ada", ["auditor", "seller"]), ("nil", [])):
            accounts.create_user(ctx, login=login, name=login.title(), roles=roles, locale="en")
        accounts.create_user(ctx, login="root", name="Root", is_administrator=True, locale="en")
        for at, (won, amount) in enumerate(DEALS):
            records.create(ctx, "deal", {"name": f"Deal {at}", "amount": amount, "won_on": won})
    yield engine
    instances.drop(engine)


@pytest.fixture
def window(shop):
    """Give a browser without script, signed in."""
    app = create_app(shop)

    def open_(login: str) -> Any:
        with work(shop, reason="a session") as ctx:
            user = records.list(ctx, "user", records.Query(where=f'login == "{login}"')).records[0]
            session = sessions.start(ctx.connection, user.id, ctx.now())
        client = app.test_client()
        client.set_cookie(sign_in.COOKIE, session.secret)
        return client

    return open_


def opened(shop, login: str, name: str) -> dict[str, dashboard.ShownTile]:
    with work(shop, login=login, write=False) as ctx:
        return {each.tile.name: each for each in dashboard.open_(ctx, name).tiles}


def test_home_is_the_first_dashboard_of_ones_roles(shop) -> None:
    found = {}
    for login in ("sam", "ada", "nil", "root"):
        with work(shop, login=login, write=False) as ctx:
            home = dashboard.home(ctx)
            found[login] = (home.name if home else None, [each.name for each in dashboard.visible(ctx)])
    assert found == {
        "sam": ("sellers", ["mixed", "sellers", "figures"]),
        "ada": ("audit", ["audit", "mixed", "sellers", "figures"]),
        "nil": (None, []),
        "root": (None, ["audit", "mixed", "sellers", "figures"]),
    }


def test_number_compares_with_the_same_days_of_the_month_before(shop) -> None:
    number = opened(shop, "sam", "sellers")["won"].content
    assert (str(number.value), str(number.before.value)) == ("1000000.00", "500000.00")
    assert number.before.change == 1
    with work(shop, login="sam", write=False) as ctx:
        behind = records.list(ctx, "deal", records.Query(where=number.where))
        assert [str(each["name"]) for each in behind] == ["Deal 0", "Deal 1"]


def test_tile_that_one_may_not_read_is_left_out(shop) -> None:
    assert list(opened(shop, "sam", "mixed")) == ["go", "deals"]
    assert list(opened(shop, "ada", "mixed")) == ["secrets", "secret_list", "go", "deals"]
    assert [item.name for item in opened(shop, "sam", "mixed")["go"].content] == ["deal"]
    with pytest.raises(NotFound), work(shop, login="sam", write=False) as ctx:
        dashboard.open_(ctx, "audit")


def test_inbox_is_left_out_where_there_are_no_flows(shop) -> None:
    assert "inbox" not in opened(shop, "sam", "sellers")


def test_inbox_shows_what_another_feature_says(shop) -> None:
    waiting = {"title": "Contract 7", "href": "/inbox/7", "since": None, "due": None}
    told = replace(shop, performers={"inbox": lambda ctx, limit: [waiting] * limit})
    tiles = opened(told, "sam", "sellers")
    assert [each.title for each in tiles["inbox"].content] == ["Contract 7"] * 5


@pytest.mark.parametrize("foreseen", [True, False])
def test_tile_that_fails_says_so_and_takes_no_other_with_it(shop, monkeypatch, foreseen, window) -> None:
    def fail(ctx, tile):
        if foreseen:
            raise NotFound(dashboard.Message("There is no such thing."))
        ctx.connection.execute(sa.text("SELECT * FROM there_is_no_such_table"))

    monkeypatch.setattr(dashboard, "_READERS", {**dashboard._READERS, "chart": fail})
    tiles = opened(shop, "sam", "sellers")
    assert tiles["months"].content is None
    said = str(tiles["months"].error)
    assert ("no such thing" in said) is foreseen
    assert "there_is_no_such_table" not in said
    assert tiles["last"].content.page.count == 7
    text = window("sam").get("/").text
    assert said in text
    assert "Deal 3" in text


def test_start_page_is_the_dashboard_and_numbers_lead_to_their_rows(window) -> None:
    client = window("sam")
    text = client.get("/").text
    assert "Hello, Sam" in text
    assert 'title="¥1,000,000.00"' in text
    assert "¥1M" in text
    assert "+100%" in text
    assert "as far last month: ¥500,000.00" in text
    href = text.split('class="tile-number plain" href="')[1].split('"')[0].replace("&amp;", "&")
    listed = client.get(href).text
    assert "2 records" in listed
    assert "Deal 0" in listed
    assert "Deal 2" not in listed
    assert 'href="/dashboards/figures"' in text
    assert client.get("/dashboards/figures").status_code == 200
    assert client.get("/dashboards/audit").status_code == 404
    assert client.get("/dashboards/nothing").status_code == 404


def test_start_page_of_others_offers_dashboards_or_says_there_is_nothing(window) -> None:
    assert 'href="/dashboards/sellers"' in window("root").get("/").text
    text = window("nil").get("/").text
    assert "/dashboards/" not in text
    assert "Nothing to see yet" in text


def test_menu_leads_to_a_dashboard_that_one_may_open(window) -> None:
    menu = '<a class="side-link" href="/dashboards/figures"'
    assert menu in window("sam").get("/o/deal").text
    assert menu not in window("nil").get("/account").text


def test_dashboards_are_given_as_json(window) -> None:
    client = window("ada")
    listed = client.get("/api/v1/dashboards").json["dashboards"]
    assert [(each["name"], each["home"]) for each in listed][:2] == [("audit", True), ("mixed", False)]
    found = client.get("/api/v1/dashboards/sellers").json
    tiles = {each["name"]: each for each in found["tiles"]}
    assert tiles["won"]["number"]["value"] == "1000000.00"
    assert tiles["deals"]["number"] | {"where": None} == {
        "value": 7, "shown": "7", "measure": None, "object": "deal", "view": "deals_all", "where": None, "before": None,
    }  # fmt: skip
    assert len(tiles["last"]["records"]) == 5
    assert tiles["last"]["count"] == 7
    assert tiles["months"]["report"]["chart"]["type"] == "line"
    assert tiles["go"]["items"][0] == {"name": "deal", "object": "deal", "new": True} or len(tiles["go"]["items"]) == 4
    assert client.get("/api/v1/dashboards/nothing").status_code == 404
    assert window("nil").get("/api/v1/dashboards/sellers").status_code == 404


def test_statements_of_a_dashboard_do_not_grow_with_its_records(shop, window) -> None:
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    sa.event.listen(shop.database.engine, "before_cursor_execute", note)
    client = window("sam")
    client.get("/")
    sent.clear()
    client.get("/")
    sa.event.remove(shop.database.engine, "before_cursor_execute", note)
    assert len([each for each in sent if not each.startswith(("BEGIN", "COMMIT", "ROLLBACK"))]) <= 10
