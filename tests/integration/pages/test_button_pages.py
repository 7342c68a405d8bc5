"""the way of a record through its states on its page, its buttons, and the page that asks before one is pressed"""

from __future__ import annotations

import html
import re

import pytest

from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.testing.instances import CHECKOUT, read_bundles

GOLDEN = CHECKOUT / "tests/golden/bundles"


@pytest.fixture
def shop(instances, system_layer, dialect):
    """An instance with deals and leads in place of the shop."""
    layers = {**system_layer, **read_bundles(GOLDEN / "states")}
    crm = dict(read_bundles(GOLDEN / "automation")["crm"])
    del crm["access/role_seller.yaml"]
    layers["crm"] = crm
    layers["deals"]["access/role_seller.yaml"] = layers["deals"]["access/role_seller.yaml"].replace(
        "[deals]", "[deals, crm, maker]"
    )
    layers["deals"]["bundle.yaml"] += "requires: [{name: crm}]\n"
    made = instances.make(layers, dialect=dialect)
    yield made
    instances.drop(made)


@pytest.fixture
def ann(window):
    """Ann at her browser."""
    return window("ann", "seller")


def make(shop, object_name: str, **values: object) -> str:
    with work(shop, login="ann", door="screen") as ctx:
        return records.create(ctx, object_name, values).id


def plain(text: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)))


def stages(text: str) -> list[tuple[str, str]]:
    found = re.findall(r'<li class="stage[^"]*" data-mark="(\w+)"[^>]*>([^<]+)</li>', text)
    return [(label, mark) for mark, label in found]


def test_page_shows_the_way_and_the_buttons_of_now(shop, ann):
    deal = make(shop, "deal", name="Ten pens", amount="10")
    text = ann.text(f"/o/deal/{deal}")
    assert stages(text)[:2] == [("Draft", "current"), ("Pending", "ahead")]
    assert f'href="/o/deal/{deal}/buttons/submit">Submit</a>' in text
    assert "Approve" not in plain(text.split("</ol>")[0].rpartition("page-actions")[2])


def test_button_that_cannot_be_pressed_says_why(shop, ann):
    deal = make(shop, "deal", name="Ten pens")
    text = ann.text(f"/o/deal/{deal}")
    assert re.search(r'<button[^>]* disabled title="Enter an amount that covers the lines."', text)


def test_dialog_asks_without_script_and_keeps_what_was_entered(shop, ann):
    deal = make(shop, "deal", name="Ten pens", amount="10", remark="first")
    where = f"/o/deal/{deal}/buttons/submit"
    text = ann.text(where)
    assert "Submit this deal?" in text
    assert re.search(r'name="signed_on"[^>]* required', text)
    assert 'value="first"' in text
    refused = ann.post(where, {"version": "1", "remark": "second", "signed_on": ""})
    assert refused.status_code == 422
    assert "Enter Signed on." in plain(refused.text)
    assert 'value="second"' in refused.text
    done = ann.post(where, {"version": "1", "remark": "second", "signed_on": "2026-11-20"})
    assert (done.status_code, done.headers["Location"]) == (303, f"/o/deal/{deal}")
    text = ann.text(f"/o/deal/{deal}")
    assert stages(text)[:2] == [("Draft", "past"), ("Pending", "current")]
    assert "changed this record: Submit" in plain(ann.text(f"/o/deal/{deal}/history"))


def test_stale_dialog_does_not_go_on(shop, ann):
    deal = make(shop, "deal", name="Ten pens", amount="10")
    with work(shop, login="ann", door="screen") as ctx:
        records.update(ctx, "deal", deal, {"amount": "12"}, last_write=True)
    refused = ann.post(f"/o/deal/{deal}/buttons/submit", {"version": "1", "signed_on": "2026-11-20"})
    assert refused.status_code == 422
    assert "Load it again" in plain(refused.text)


def test_locked_record_says_so_and_offers_no_change(shop, ann):
    deal = make(shop, "deal", name="Ten pens", amount="10", signed_on="2026-11-20")
    with work(shop, reason="lead a deal on") as ctx:
        for name in ("submit", "approve"):
            records.transition(ctx, "deal", deal, name, last_write=True)
    text = ann.text(f"/o/deal/{deal}")
    assert f"/o/deal/{deal}/delete" not in text
    refused = ann.post(f"/o/deal/{deal}/edit", {"version": "3", "name": "Other", "name.sent": "1"})
    assert "An approved deal stays as it is." in plain(refused.text)
    assert refused.status_code in (403, 422)


def test_button_with_actions_leads_to_what_it_made(shop, ann):
    lead = make(shop, "lead", name="Blue")
    where = f"/o/lead/{lead}/buttons/convert"
    assert 'value="Blue"' in ann.text(where)
    done = ann.post(where, {"version": "1", "title": "Blue Ltd"})
    assert done.headers["Location"].startswith("/o/account/")
    assert ann.get(f"/o/lead/{lead}/buttons/convert").status_code == 404


def test_button_that_asks_nothing_is_pressed_on_the_page(shop, ann):
    lead = make(shop, "lead", name="Blue")
    text = ann.text(f"/o/lead/{lead}")
    assert f'<form method="post" action="/o/lead/{lead}/buttons/win">' in text
    assert ann.post(f"/o/lead/{lead}/buttons/win", {"version": "1"}).status_code == 303


def test_record_without_states_has_no_way(shop, ann):
    assert 'class="stages"' not in ann.text(f"/o/buyer/{make(shop, 'buyer', name='B')}")


def test_forms_have_no_say_in_the_state(shop, ann):
    deal = make(shop, "deal", name="Ten pens", amount="10")
    for path in ("/o/deal/new", f"/o/deal/{deal}/edit"):
        text = ann.text(path)
        assert 'name="name"' in text
        assert 'name="status"' not in text
    assert "Draft" in plain(ann.text(f"/o/deal/{deal}/edit"))
