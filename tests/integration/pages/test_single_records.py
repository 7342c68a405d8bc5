"""pages of one record and of administrators: what they say when something stands in the way, and what they compute"""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from dougong.definitions.kinds import View
from dougong.features.accounts import service as accounts
from dougong.features.accounts.work import work
from dougong.features.bundles import service as bundles
from dougong.records import service as records
from dougong.testing.instances import read_bundles
from dougong.web.app import create_app

HIDDEN = re.compile(r'type="hidden" name="([\w.]+)" value="([^"]*)"')
OUTPUT = re.compile(r'<output [^>]*id="([^"]+)" hx-swap-oob="true">(.*?)</output>', re.DOTALL)
PIECE = {"HX-Request": "true"}
GOOD = "a-long-enough-word"


def hidden(text: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in HIDDEN.findall(text)}


def textareas(text: str) -> dict[str, str]:
    found = re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n(.*?)</textarea>', text, re.DOTALL)
    return {name: html.unescape(value) for name, value in found}


def plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", text)).strip()


def user_id(shop: Any, login: str) -> str:
    with work(shop, reason="look for a test") as ctx:
        return records.list(ctx, "user", records.Query(where=f'login == "{login}"')).records[0].id


@pytest.fixture
def made(shop, window):
    """Ann with two customers and two products."""
    ann = window("ann", "seller")
    with work(shop, login="ann", door="screen") as ctx:
        customers = [records.create(ctx, "customer", {"name": name}).id for name in ("Alpha", "Beta")]
    with work(shop, reason="goods") as ctx:
        products = [records.create(ctx, "product", {"name": name, "price": "2.50"}).id for name in ("Nut", "Bolt")]
    return ann, customers, products


# ---- passwords of others ---------------------------------------------------------------------------------------------


def test_new_user_gets_a_password_on_the_screen_and_signs_in_with_it(window, shop) -> None:
    root = window("root", administrator=True)
    user = {"login": "eve", "name": "Eve", "active": "true", "active.sent": "1"}
    created = root.post("/o/user/new", {**user, **hidden(root.text("/o/user/new"))})
    where = created.headers["Location"]
    assert re.fullmatch(r"/users/[0-9a-f-]{36}/password", where)
    page = root.text(where)
    assert "Without a password this person cannot sign in." in page
    assert "This person has no password yet" in page
    done = root.post(where, {"new": GOOD, "again": GOOD})
    assert done.headers["Location"] == f"/o/user/{user_id(shop, 'eve')}"
    assert "“Eve” has a new password" in root.text(done.headers["Location"])
    assert accounts.sign_in(shop, login="eve", password=GOOD).secret


def test_new_password_ends_the_sessions_of_that_user_only(window, shop) -> None:
    root, ann = window("root", administrator=True), window("ann", "seller")
    place = f"/users/{user_id(shop, 'ann')}/password"
    assert ann.get("/account").status_code == 200
    assert root.post(place, {"new": GOOD, "again": GOOD}).status_code == 303
    assert ann.get("/account").status_code == 303
    assert "The present password stops working" in root.text(place)


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [
        ("short", "short", "at least 8 characters"),
        (GOOD, GOOD + "x", "The two new passwords differ."),
        ("", "", "Enter a password."),
    ],
)
def test_refused_password_says_why_and_changes_nothing(window, shop, new: str, again: str, said: str) -> None:
    root = window("root", administrator=True)
    window("ann", "seller")
    answer = root.post(f"/users/{user_id(shop, 'ann')}/password", {"new": new, "again": again})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "This person has no password yet" in answer.text


def test_passwords_of_others_are_for_administrators(window, shop) -> None:
    ann, root = window("ann", "seller"), window("root", administrator=True)
    other = user_id(shop, "root")
    assert ann.get(f"/users/{other}/password").status_code == 403
    assert ann.post(f"/users/{other}/password", {"new": GOOD, "again": GOOD}).status_code == 403
    assert "Set the password" not in ann.text(f"/o/user/{other}")
    assert f'href="/users/{user_id(shop, "ann")}/password"' in root.text(f"/o/user/{user_id(shop, 'ann')}")
    assert root.get(f"/users/{other}/password").headers["Location"] == "/account"
    assert root.get("/users/0190b0a8-0000-7000-8000-000000000000/password").status_code == 404


def test_login_that_is_taken_is_named_at_its_field(window) -> None:
    root = window("root", administrator=True)
    window("ann", "seller")
    answer = root.post("/o/user/new", {"login": "ann", "name": "Another"})
    assert answer.status_code == 422
    said = "Login “ann” is taken: another User has it already. Enter another one."
    assert f'<div class="field-error" id="field-login-error">{said}' in answer.text
    assert f'<a href="#field-login">{said}</a>' in answer.text


# ---- records that are no more ----------------------------------------------------------------------------------------


def test_page_of_a_deleted_record_says_who_deleted_it(window, made, shop) -> None:
    ann, customers, _ = made
    place = f"/o/customer/{customers[0]}"
    assert ann.post(place + "/delete", {"version": "1"}).status_code == 303
    for reader, part in [(window("root", administrator=True), ""), (ann, ""), (ann, "/edit"), (ann, "/delete")]:
        answer = reader.get(place + part)
        assert answer.status_code == 404
        assert "“Alpha” was deleted by Ann" in answer.text
        assert 'href="/o/customer">To the list: Customer' in answer.text
        assert f'href="{place}/history"' in answer.text
        assert "Alpha" in reader.text(place + "/history")
    assert ann.post(place + "/edit", {"name": "Alpha Ltd", "version": "1"}).status_code == 404


def test_who_could_not_have_read_it_hears_nothing_of_it(window, made) -> None:
    ann, customers, _ = made
    bob = window("bob", "seller")
    place = f"/o/customer/{customers[0]}"
    ann.post(place + "/delete", {"version": "1"})
    answer = bob.get(place)
    assert answer.status_code == 404
    assert "Alpha" not in answer.text
    assert 'href="/o/customer">To the list: Customer' in answer.text


@pytest.mark.parametrize("path", ["/nothing/here", "/o/nothing", "/o/customer/0190b0a8-0000-7000-8000-000000000000"])
def test_errors_stand_in_the_frame_of_who_is_signed_in(app, made, path: str) -> None:
    ann, _, _ = made
    answer = ann.get(path)
    assert answer.status_code == 404
    assert 'class="app-side"' in answer.text
    assert f'content="{ann.csrf}"' in answer.text
    alone = app.test_client().get("/nothing/here")
    assert alone.status_code == 404
    assert 'class="app-side"' not in alone.text


def test_refused_page_keeps_the_navigation(made) -> None:
    ann, _, _ = made
    answer = ann.get("/admin")
    assert answer.status_code == 403
    assert 'class="app-side"' in answer.text


# ---- pieces of pages -------------------------------------------------------------------------------------------------


def test_piece_asked_for_after_the_session_leads_the_whole_page_to_sign_in(app) -> None:
    client = app.test_client()
    shown = {"HX-Current-URL": "http://localhost/o/sale/new?customer=7"}
    answer = client.post("/o/sale/new", data={"do": "refresh"}, headers={**PIECE, **shown})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/o/sale/new%3Fcustomer%3D7&ended=1"
    assert "Location" not in answer.headers


@pytest.mark.parametrize("shown", ["", "http://evil.example/o/sale", "nonsense", "http://localhost//evil.example"])
def test_sign_in_leads_back_only_to_ourselves(app, shown: str) -> None:
    answer = app.test_client().get("/o/customer/suggest", headers={**PIECE, "HX-Current-URL": shown})
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/&ended=1"


def test_error_of_a_piece_is_a_sentence_for_the_script(made) -> None:
    ann, _, _ = made
    answer = ann.client.get("/o/nothing/suggest", headers=PIECE)
    assert answer.content_type == "application/problem+json"
    assert answer.json["detail"]


# ---- two people, one record ------------------------------------------------------------------------------------------


def test_choice_between_two_values_is_enforced_and_what_was_chosen_stays(made, shop) -> None:
    ann, customers, _ = made
    path = f"/o/customer/{customers[1]}/edit"
    mine = {"name": "Beta Ltd", "employees": "9", "since": "2020-01-02", "reason": "", "version": "1"}
    with work(shop, login="ann", door="api") as ctx:
        theirs = {"name": "Beta Inc", "employees": 7, "reason": "moved"}
        records.update(ctx, "customer", customers[1], theirs, last_write=True)
    first = hidden(ann.post(path, mine).text)
    assert (first["version"], first["base"], first["pick.reason"]) == ("2", "1", "theirs")
    again = ann.post(path, {**first, "pick.name": "theirs", "pick.since": "theirs"})
    assert again.status_code == 422
    assert "Choose for each of these fields whose value shall stand: Employees." in again.text
    assert re.search(r'name="pick.name" value="theirs" required checked', again.text)
    assert re.search(r'name="pick.since" value="theirs" required checked', again.text)
    assert again.text.count("Choose one of the two.") == 1
    last = {**hidden(again.text), "pick.name": "theirs", "pick.since": "mine", "pick.employees": "mine"}
    assert ann.post(path, last).status_code == 303
    with work(shop, login="ann") as ctx:
        saved = records.get(ctx, "customer", customers[1])
    assert (saved["name"], saved["employees"], saved["reason"]) == ("Beta Inc", 9, "moved")


def test_third_change_while_one_chooses_loses_nothing_of_the_second(made, shop) -> None:
    ann, customers, _ = made
    path = f"/o/customer/{customers[1]}/edit"
    mine = {"name": "Beta", "employees": "9", "reason": "", "version": "1"}

    def other(**values: Any) -> None:
        with work(shop, login="ann", door="api") as ctx:
            records.update(ctx, "customer", customers[1], values, last_write=True)

    other(employees=7, reason="moved")
    first = hidden(ann.post(path, mine).text)
    other(employees=8)
    second = ann.post(path, {**first, "pick.employees": "mine"})
    assert second.status_code == 409
    assert '<input type="hidden" name="pick.reason" value="theirs">' in second.text
    assert ann.post(path, {**hidden(second.text), "pick.employees": "theirs"}).status_code == 303
    with work(shop, login="ann") as ctx:
        saved = records.get(ctx, "customer", customers[1])
    assert (saved["employees"], saved["reason"]) == (8, "moved")


# ---- what formulas give while one types ------------------------------------------------------------------------------


def outputs(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {name: plain(shown) for name, shown in OUTPUT.findall(answer.text)}


def test_amounts_and_totals_follow_what_is_typed(made) -> None:
    ann, customers, products = made
    fields = {"number": "S-1", "customer": customers[0], "lines.sent": "1"}
    fields |= {"lines.0.product": products[0], "lines.0.quantity": "3", "lines.0.price": "2.50"}
    fields |= {"lines.1.product": "", "lines.1.quantity": "", "lines.1.price": ""}
    fields |= {"lines.4.product": products[1], "lines.4.quantity": "2", "lines.4.price": "1,000.25"}
    found = outputs(ann.post("/o/sale/compute", fields))
    assert found == {
        "field-total": "2,008.00",
        "field-lines-0-amount": "7.50",
        "field-lines-4-amount": "2,000.50",
        "field-lines-1-amount": "—",
    }
    assert "0 records" in ann.text("/o/sale") or "No " in ann.text("/o/sale")
    form = ann.text("/o/sale/new")
    assert 'hx-post="/o/sale/compute"' in form
    assert 'id="field-total"' in form


def test_what_cannot_be_computed_yet_is_blank(made) -> None:
    ann, _, _ = made
    fields = {"lines.sent": "1", "lines.0.quantity": "many", "lines.0.price": "2"}
    assert outputs(ann.post("/o/sale/compute", fields))["field-lines-0-amount"] == "—"
    assert outputs(ann.post("/o/customer/compute", {"employees": "10"}))["field-third"] == "3.33"


def test_refused_form_shows_what_its_formulas_give(made) -> None:
    ann, customers, products = made
    line = {"lines.0.product": products[0], "lines.0.quantity": "3", "lines.0.price": "2.50"}
    answer = ann.post("/o/sale/new", {"number": "", "customer": customers[0], "lines.sent": "1", **line})
    assert answer.status_code == 422
    assert plain(re.search(r'<output [^>]*id="field-total">(.*?)</output>', answer.text, re.DOTALL).group(1)) == "7.50"


def test_formulas_of_a_record_that_is_there_take_its_lines(made, shop) -> None:
    ann, customers, products = made
    line = {"product": products[0], "quantity": 2, "price": "4"}
    with work(shop, login="ann") as ctx:
        sale = records.create(ctx, "sale", {"number": "1", "customer": customers[0], "lines": [line]})
        line_id = records.get(ctx, "sale", sale.id)["lines"][0].id
    path = f"/o/sale/compute?record={sale.id}"
    assert outputs(ann.post(path, {"number": "2"}))["field-total"] == "8.00"
    changed = {"lines.sent": "1", "lines.0.id": line_id, "lines.0.quantity": "5"}
    assert outputs(ann.post(path, changed))["field-total"] == "20.00"
    with work(shop, login="ann") as ctx:
        assert str(records.get(ctx, "sale", sale.id)["total"]) == "8.00"


def test_formulas_say_nothing_of_records_that_one_may_not_see(instances, system_layer, here, dialect) -> None:
    layers = {**system_layer, **read_bundles(here.parent / "records" / "shop")}
    shop_layer = dict(layers["shop"])
    shop_layer["objects/sale.yaml"] = shop_layer["objects/sale.yaml"].replace(
        "  - {name: place,",
        "  - {name: whose, type: formula, expr: customer.name, returns: text}\n  - {name: place,",
    )
    made = instances.make({**layers, "shop": shop_layer}, dialect=dialect)
    try:
        _check_unseen(made)
    finally:
        instances.drop(made)


def _check_unseen(shop: Any) -> None:
    with work(shop, reason="people for a test") as ctx:
        for login in ("ann", "bob"):
            accounts.create_user(ctx, login=login, name=login, password=GOOD, roles=["seller"])
    with work(shop, login="ann") as ctx:
        customer = records.create(ctx, "customer", {"name": "Alpha"}).id
    app = create_app(shop)
    found = {}
    for login in ("ann", "bob"):
        client = app.test_client()
        client.post("/sign-in", data={"login": login, "password": GOOD})
        token = re.search(r'name="csrf-token" content="([^"]*)"', client.get("/account").text).group(1)
        answer = client.post("/o/sale/compute", data={"customer": customer, "csrf_token": token})
        found[login] = outputs(answer)["field-whose"]
    assert found == {"ann": "Alpha", "bob": "—"}


# ---- a field more ----------------------------------------------------------------------------------------------------


def field_of(shop: Any, name: str) -> Any:
    with work(shop, reason="look for a test") as ctx:
        return ctx.catalog.object("customer").fields.get(name)


def test_field_without_a_name_gets_one_and_stands_in_the_list(window, shop) -> None:
    root = window("root", administrator=True)
    assert re.search(r'name="in_list" value="1" checked', root.text("/admin/objects/customer/add-field"))
    sent = {"label_en": "", "label_zh": "客户等级", "type": "text", "in_list": "1"}
    plan = root.post("/admin/objects/customer/add-field", sent)
    assert plan.status_code == 200, plan.text
    assert "x_ke_hu_deng_ji" in plan.text
    texts = textareas(plan.text)
    done = root.post("/admin/site/apply", {**hidden(plan.text), **texts})
    assert done.status_code == 303, done.text
    assert field_of(shop, "x_ke_hu_deng_ji").type.name == "text"
    with work(shop, reason="look for a test") as ctx:
        assert "x_ke_hu_deng_ji" in [column.name for column in ctx.catalog.get(View, "customers").columns]
    assert set(bundles.site_files(shop)) == {"patches/x_customer.yaml", "patches/x_view_customers.yaml"}


def test_second_field_joins_the_patches_of_the_first(window, shop) -> None:
    root = window("root", administrator=True)
    for label in ("Colour", "Colour"):
        plan = root.post("/admin/objects/customer/add-field", {"label_en": label, "type": "text", "in_list": "1"})
        texts = textareas(plan.text)
        assert root.post("/admin/site/apply", {**hidden(plan.text), **texts}).status_code == 303
    view = bundles.site_files(shop)["patches/x_view_customers.yaml"]
    assert view.count("name: x_colour\n") == 1
    assert view.count("name: x_colour_2\n") == 1


def test_field_stays_out_of_the_list_where_that_is_wanted(window, shop) -> None:
    root = window("root", administrator=True)
    plan = root.post("/admin/objects/customer/add-field", {"label_en": "Colour", "type": "text"})
    assert "more_path" not in plan.text
    assert "x_colour" in plan.text


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ({"label_en": "Bank account"}, "x_bank_account"),
        ({"label_en": "Größe (cm)"}, "x_grosse_cm"),
        ({"label_zh": "银行账号"}, "x_yin_hang_zhang_hao"),
        ({"label_en": "Size", "label_zh": "尺寸"}, "x_size"),
        ({"label_en": "Bank", "name": "x_ban", "proposed": "x_ban"}, "x_bank"),
        ({"label_en": "Bank", "name": "x_mine", "proposed": "x_ban"}, "x_mine"),
        ({"label_en": "!!!"}, ""),
        (
            {"label_en": "A very long label that nobody would ever want as a name"},
            "x_a_very_long_label_that_nobody_would_",
        ),
    ],
)
def test_name_is_proposed_while_the_label_is_typed(window, asked: dict[str, str], value: str) -> None:
    root = window("root", administrator=True)
    answer = root.client.get("/admin/objects/customer/add-field/name", query_string=asked, headers=PIECE)
    assert answer.status_code == 200
    shown = re.search(r'id="name" name="name" value="([^"]*)"', answer.text).group(1)
    assert shown == value.rstrip("_")


def test_label_of_which_no_name_can_be_made_is_told(window) -> None:
    root = window("root", administrator=True)
    answer = root.post("/admin/objects/customer/add-field", {"label_en": "???", "type": "text"})
    assert answer.status_code == 422
    assert "No name can be made from this label" in answer.text


# ---- drafts ----------------------------------------------------------------------------------------------------------


def test_draft_is_known_by_object_record_and_person(made, shop) -> None:
    ann, customers, _ = made
    assert 'data-draft="customer/new"' in ann.text("/o/customer/new")
    page = ann.text(f"/o/customer/{customers[0]}/edit")
    assert f'data-draft="customer/{customers[0]}"' in page
    assert f'data-person="{user_id(shop, "ann")}"' in page
