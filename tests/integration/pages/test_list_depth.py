"""what a list may be made to show, and what is changed in it: columns, filters, own views, cells, many, pasting"""

from __future__ import annotations

import datetime as dt
import re

import pytest

from dougong.base.clock import FixedClock
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.records.query import Query
from dougong.testing.instances import read_bundles


@pytest.fixture
def shop(instances, system_layer, here, dialect):
    """An instance with deals, on each database."""
    clock = FixedClock(dt.datetime(2026, 11, 22, 2, 30, tzinfo=dt.UTC))
    made = instances.make({**system_layer, **read_bundles(here / "deals")}, dialect=dialect, clock=clock)
    yield made
    instances.drop(made)


@pytest.fixture
def ann(window):
    return window("ann", "seller")


def make(shop, *many: dict, login: str = "ann") -> list[str]:
    with work(shop, login=login, write=True) as ctx:
        return [records.create(ctx, "deal", values).id for values in many]


def every(shop, login: str = "ann") -> dict[str, records.Record]:
    with work(shop, login=login, write=False) as ctx:
        return {each["name"]: each for each in records.list(ctx, "deal", Query(limit=1000))}


def href(answer) -> str:
    return answer.headers["Location"]


# ---- columns ---------------------------------------------------------------------------------------------------------


def test_columns_are_chosen_by_a_form(shop, ann):
    make(shop, {"name": "One", "reason": "because"})
    page = ann.text('/o/deal/columns?where=name == "One"')
    assert 'name="place.reason"' in page
    assert "secret" not in page
    sent = {"on": ["name", "reason"], "place.name": "2", "place.reason": "1", "width.name": "200",
            "next": '/o/deal?where=name+%3D%3D+"One"'}  # fmt: skip
    answer = ann.post("/o/deal/columns", sent)
    assert href(answer).endswith("&cols=reason,name:200")
    shown = ann.text(href(answer))
    head = shown.split("<thead>")[1].split("</thead>")[0]
    assert head.index("Reason") < head.index("Name")
    assert "because" in shown


# ---- filters ---------------------------------------------------------------------------------------------------------


def test_filter_is_built_in_groups(shop, ann):
    make(shop, {"name": "Nail", "amount": 5}, {"name": "Nut", "amount": 500}, {"name": "Bolt", "heat": "hot"})
    assert 'name="g0.r0.field"' in ann.text("/o/deal/filter")
    query = "g0.r0.field=amount&g0.r0.op=least&g0.r0.value=100&g0.r1.field=name&g0.r1.op=contains&g0.r1.value=n"
    answer = ann.get(f"/o/deal/filter?{query}&g1.r0.field=heat&g1.r0.op=is&g1.r0.value=hot&any=any&do=apply")
    assert answer.status_code == 303
    page = ann.text(href(answer))
    assert "Nut" in page
    assert "Bolt" in page
    assert "Nail" not in page.split("<tbody>")[1]
    assert "(amount &gt;= 100 and contains(name, &#34;n&#34;)) or heat == &#34;hot&#34;" in page


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("closes&g0.r0.op=on&g0.r0.value=2026-11-23", {"Near"}),
        ("closes&g0.r0.op=next&g0.r0.value=3", {"Near"}),
        ("closes&g0.r0.op=blank", {"Meeting"}),
        ("begins&g0.r0.op=on&g0.r0.value=2026-11-24", {"Meeting"}),
        ("owner&g0.r0.op=me", {"Near", "Far", "Meeting"}),
        ("owner&g0.r0.op=contains&g0.r0.value=an", {"Near", "Far", "Meeting"}),
        ("name&g0.r0.op=is_not&g0.r0.value=Far", {"Near", "Meeting"}),
        ("heat&g0.r0.op=not_blank", {"Far"}),
    ],
)
def test_each_operator_gives_a_filter_that_can_be_read(shop, ann, row, found):
    make(shop, {"name": "Near", "closes": "2026-11-23"}, {"name": "Far", "closes": "2027-03-01", "heat": "cold"},
         {"name": "Meeting", "begins": "2026-11-24 23:30"})  # fmt: skip
    answer = ann.get(f"/o/deal/filter?g0.r0.field={row}&do=apply")
    assert answer.status_code == 303, answer.text
    body = ann.text(href(answer)).split("<tbody>")[1].split("</tbody>")[0]
    assert {name for name in ("Near", "Far", "Meeting") if f">{name}<" in body} == found


def test_wrong_values_are_said_at_their_condition(ann):
    answer = ann.get("/o/deal/filter?g0.r0.field=amount&g0.r0.op=least&g0.r0.value=lots&do=apply")
    assert answer.status_code == 422
    assert "Enter a number." in answer.text
    assert ann.get("/o/deal/filter?further=nothing+%3E&do=apply").status_code == 422
    assert "secret" not in ann.text("/o/deal/filter").lower()


# ---- views of one's own ----------------------------------------------------------------------------------------------


def test_list_is_kept_as_a_view_of_ones_own(shop, ann, window):
    make(shop, {"name": "One", "heat": "hot"}, {"name": "Two"})
    answer = ann.post('/o/deal/views?where=heat == "hot"&sort=-name&cols=name,heat', {"label": "My hot ones"})
    kept = href(answer)
    page = ann.text(kept)
    assert "My hot ones" in page
    assert "1 record" in page
    assert "Heat" in page.split("<thead>")[1].split("</thead>")[0]
    assert "My hot ones" not in window("bob", "seller").text("/o/deal")
    which = re.search(r'name="which" value="([^"]*)"', ann.text("/o/deal/views"))[1]
    assert ann.post("/o/deal/views", {"do": "rename", "which": which, "label": "Hot"}).status_code == 303
    ann.post("/o/deal/views", {"do": "first", "which": which})
    assert "1 record" in ann.text("/o/deal")
    assert "2 records" in ann.text("/o/deal?view=deals_all")
    assert window("bob", "seller").post("/o/deal/views", {"do": "delete", "which": which}).status_code == 404
    ann.post("/o/deal/views", {"do": "delete", "which": which})
    assert "Hot<" not in ann.text("/o/deal")
    assert "2 records" in ann.text("/o/deal")


def test_own_view_needs_a_name_and_a_filter_that_can_be_read(ann):
    assert ann.post("/o/deal/views", {"label": " "}).status_code == 422
    answer = ann.post("/o/deal/views?where=nothing > 3", {"label": "Odd"})
    assert answer.status_code == 422
    assert "cannot be read" in answer.text


def test_damaged_own_view_is_left_out(shop, ann):
    with work(shop, reason="a test") as ctx:
        who = records.list(ctx, "user", Query(where='login == "ann"')).records[0].id
        for body in ('{"columns": 7}', "no json", '{"type": "board"}', "[]"):
            records.create(ctx, "saved_view", {"name": body, "object": "deal", "body": body, "owner": who})
    assert "All deals" in ann.text("/o/deal")


# ---- cells -----------------------------------------------------------------------------------------------------------


def test_cell_is_changed_where_it_stands(shop, ann):
    (one,) = make(shop, {"name": "One"})
    piece = ann.text(f"/o/deal/{one}/cell/note")
    assert 'name="note"' in piece
    assert "<html" not in piece
    answer = ann.post(f"/o/deal/{one}/cell/note", {"note": "new", "version": "1"})
    assert answer.json == {"done": True, "version": 2}
    assert every(shop)["One"]["note"] == "new"
    stale = ann.post(f"/o/deal/{one}/cell/note", {"note": "newer", "version": "1"})
    assert stale.status_code == 409
    assert "meanwhile" in stale.json["refused"]


def test_cell_obeys_rights_locks_and_rules(shop, ann, window):
    (one,) = make(shop, {"name": "One", "amount": 5})
    wrong = ann.post(f"/o/deal/{one}/cell/closes", {"closes": "soon", "version": "1"})
    assert wrong.status_code == 422
    assert "field-error" in wrong.text
    assert "soon" in wrong.text
    blank = ann.post(f"/o/deal/{one}/cell/name", {"name": "", "version": "1"})
    assert blank.status_code == 422
    assert ann.get(f"/o/deal/{one}/cell/secret").status_code == 403
    assert ann.post(f"/o/deal/{one}/cell/secret", {"secret": "x", "version": "1"}).status_code == 403
    refused = ann.post(f"/o/deal/{one}/cell/stage", {"stage": "won", "version": "1"})
    assert refused.status_code == 422
    assert "Nothing leads there" in refused.text
    assert window("bob", "seller").get(f"/o/deal/{one}/cell/note").status_code == 404
    with work(shop, login="ann", write=True) as ctx:
        records.transition(ctx, "deal", one, "offer", last_write=True)
        records.transition(ctx, "deal", one, "win", last_write=True)
    fixed = ann.get(f"/o/deal/{one}/cell/note")  # read_only_when
    assert fixed.status_code == 409
    assert fixed.json["refused"]
    assert ann.post(f"/o/deal/{one}/cell/amount", {"amount": "9", "version": "3"}).status_code in (409, 422)
    assert every(shop)["One"]["amount"].amount == 5


# ---- many together ---------------------------------------------------------------------------------------------------


def test_many_are_changed_after_a_preview(shop, ann):
    one, two, won = make(shop, {"name": "One"}, {"name": "Two"}, {"name": "Won", "amount": 1})
    with work(shop, login="ann", write=True) as ctx:
        records.transition(ctx, "deal", won, "offer", last_write=True)
        records.transition(ctx, "deal", won, "win", last_write=True)
    page = ann.text("/o/deal")
    assert f'value="{one}" data-select-row' in page
    ids = [one, two, won]
    choose = ann.post("/o/deal/bulk", {"do": "change", "id": ids})
    assert '<option value="heat">' in choose.text
    assert '<option value="stage">' not in choose.text
    enter = ann.post("/o/deal/bulk", {"do": "change", "id": ids, "on": "heat"})
    assert 'name="heat"' in enter.text
    sent = {"do": "change", "id": ids, "on": "heat", "heat": "hot"}
    preview = ann.post("/o/deal/bulk", {**sent, "step": "preview"})
    assert "This can be done for 2 of 3 records." in preview.text
    assert "locked" in preview.text
    assert every(shop)["One"]["heat"] is None
    report = ann.post("/o/deal/bulk", {**sent, "step": "do"})
    assert "Done for 2 of 3 records." in report.text
    found = every(shop)
    assert [found[name]["heat"] for name in ("One", "Two", "Won")] == ["hot", "hot", None]


def test_many_are_led_on_and_asked_for_what_is_required(shop, ann):
    ids = make(shop, {"name": "One"}, {"name": "Two"})
    choose = ann.post("/o/deal/bulk", {"do": "transition", "id": ids})
    assert '<option value="lose">' in choose.text
    assert '<option value="again">' not in choose.text
    sent = {"do": "transition", "id": ids, "on": "lose"}
    assert 'name="reason"' in ann.post("/o/deal/bulk", sent).text
    assert ann.post("/o/deal/bulk", {**sent, "step": "preview", "reason": ""}).status_code == 422
    ann.post("/o/deal/bulk", {**sent, "step": "do", "reason": "price"})
    assert {each["stage"] for each in every(shop).values()} == {"lost"}


def test_many_are_given_to_somebody_and_deleted(shop, ann, window):
    ids = make(shop, {"name": "One"}, {"name": "Two"}, {"name": "Three"})
    window("bob", "seller")
    with work(shop, login="ann", write=False) as ctx:
        bob = records.list(ctx, "user", Query(where='login == "bob"')).records[0].id
    sent = {"do": "assign", "id": ids[:1], "owner": bob}
    ann.post("/o/deal/bulk", {**sent, "step": "do"})
    assert set(every(shop, "bob")) == {"One"}
    preview = ann.post("/o/deal/bulk", {"do": "delete", "id": ids})
    assert "This can be done for 2 of 3 records." in preview.text
    assert len(every(shop)) == 2
    ann.post("/o/deal/bulk", {"do": "delete", "id": ids, "step": "do"})
    assert every(shop) == {}
    assert set(every(shop, "bob")) == {"One"}


def test_bulk_refuses_nothing_and_too_much(ann):
    assert ann.post("/o/deal/bulk", {"do": "delete"}).status_code == 400
    many = [f"01a20208-c4ff-77ae-8301-{n:012x}" for n in range(1001)]
    answer = ann.post("/o/deal/bulk", {"do": "delete", "id": many})
    assert answer.status_code == 400
    assert "At most 1000 records" in answer.text
    assert ann.post("/o/deal/bulk", {"do": "burn", "id": many[:1]}).status_code == 400


# ---- pasting ---------------------------------------------------------------------------------------------------------


def test_rows_are_pasted_by_their_heading(shop, ann):
    text = 'Name\tStage\tAmount\tOwner\r\nOne\tNew\t1,000.50\tAnn\r\n"Two, 2"\tnew\t7\tAnn\r\n'
    assert "data-paste" in ann.text("/o/deal/paste")
    preview = ann.post("/o/deal/paste", {"text": text, "step": "look", "next": "/o/deal"})
    assert "2 rows can be created." in preview.text, re.findall('field-error">([^<]*)', preview.text)
    assert every(shop) == {}
    answer = ann.post("/o/deal/paste", {"text": text, "step": "do", "next": "/o/deal"})
    assert (answer.status_code, href(answer)) == (303, "/o/deal")
    found = every(shop)
    assert str(found["One"]["amount"].amount) == "1000.50"
    assert len(found) == 2


def test_rows_without_heading_go_under_the_columns_of_the_list(shop, ann):
    sent = {"text": "One\tnew\t12\nTwo\tnew\t13", "shown": "name,stage,amount,closes", "step": "do"}
    assert ann.post("/o/deal/paste", sent).status_code == 303
    assert set(every(shop)) == {"One", "Two"}


def test_errors_stand_at_their_cells_and_nothing_is_created(shop, ann):
    text = "Name\tCloses\tStage\nOne\tsoon\tNew\n\t2026-12-01\tNew\nThree\t2026-12-01\tWon\nFour\t2026-12-02\tNew"
    answer = ann.post("/o/deal/paste", {"text": text, "step": "do"})
    assert answer.status_code == 422
    assert "3 of 4 rows cannot be created yet" in answer.text
    wrong = re.findall(r'is-wrong">([^<]*)<div class="field-error">([^<]*)', answer.text)
    assert [cell for cell, _ in wrong] == ["soon", "", "Won"]
    assert every(shop) == {}
    mended = ann.post(
        "/o/deal/paste", {"text": text.replace("soon", "2026-12-01"), "column": ["name", "", ""], "step": "do"}
    )
    assert mended.status_code == 422  # a name is still missing
    assert every(shop) == {}


def test_four_thousand_rows_are_pasted(shop, ann):
    rows = "\n".join(f"Deal {n}\t{n}\tnew" for n in range(4000))
    answer = ann.post("/o/deal/paste", {"text": f"Name\tAmount\tStage\n{rows}", "step": "do"})
    assert answer.status_code == 303
    with work(shop, login="ann", write=False) as ctx:
        assert records.list(ctx, "deal", Query(count="to_limit", limit=1)).count == 4000


@pytest.mark.parametrize("text", ["", "\n\t\n", "\0", "a\t" * 200])
def test_nothing_to_paste_is_said(ann, text):
    assert ann.post("/o/deal/paste", {"text": text, "step": "look"}).status_code == 422
