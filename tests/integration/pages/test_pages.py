"""what pages answer, without a browser"""

from __future__ import annotations

import io
import re

import openpyxl
import pytest

from dougong.features.accounts.work import work
from dougong.records import service as records

NEXT = re.compile(r'name="next" value="([^"]*)"')
HIDDEN = re.compile(r'name="(once|version)" value="([^"]*)"')


@pytest.fixture
def made(shop, window):
    """Ann with two customers and two products."""
    ann = window("ann", "seller")
    with work(shop, login="ann", door="screen") as ctx:
        customers = [records.create(ctx, "customer", {"name": name}).id for name in ("Alpha <b>", "Beta")]
    with work(shop, reason="goods") as ctx:
        products = [records.create(ctx, "product", {"name": name, "price": "2.50"}).id for name in ("Nut", "Bolt")]
    return ann, customers, products


def hidden(text: str) -> dict[str, str]:
    return dict(HIDDEN.findall(text))


def test_page_without_a_session_leads_to_sign_in_and_back(app) -> None:
    answer = app.test_client().get("/o/customer?q=x")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in?next=")


def test_form_sent_after_the_session_leads_back_to_the_form_and_says_why(app) -> None:
    client = app.test_client()
    led = {path: client.post(path).headers["Location"] for path in ("/o/sale/new", "/sign-out")}
    assert led == {"/o/sale/new": "/sign-in?next=/o/sale/new&ended=1", "/sign-out": "/sign-in?next=/&ended=1"}
    assert "Your session has ended." in client.get(led["/o/sale/new"] + "&locale=en").text
    assert "Your session has ended." not in client.get("/sign-in?locale=en").text


@pytest.mark.parametrize("bad", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_next_is_followed_only_to_ourselves(app, bad: str) -> None:
    page = app.test_client().get("/sign-in", query_string={"next": bad})
    assert NEXT.search(page.text).group(1) == "/"


def test_what_people_enter_is_escaped(made) -> None:
    ann, customers, _ = made
    for path in ("/", "/o/customer", f"/o/customer/{customers[0]}", f"/o/customer/{customers[0]}/edit"):
        text = ann.text(path)
        assert "Alpha <b>" not in text
        assert "Alpha &lt;b&gt;" in text


def test_form_without_token_is_refused(made) -> None:
    ann, _, _ = made
    assert ann.post("/o/customer/new", {"name": "Gamma"}, token=False).status_code == 403


def test_record_of_another_is_not_found(made, window) -> None:
    _, customers, _ = made
    bob = window("bob", "seller")
    for part in ("", "/edit", "/delete", "/history"):
        assert bob.get(f"/o/customer/{customers[0]}{part}").status_code == 404


def test_form_sent_twice_makes_one_record(made) -> None:
    ann, _, _ = made
    fields = {"name": "Gamma", **hidden(ann.text("/o/customer/new"))}
    first, second = (ann.post("/o/customer/new", fields) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert "3 records" in ann.text("/o/customer")


def test_refused_values_come_back_with_their_reasons(made) -> None:
    ann, _, _ = made
    answer = ann.post("/o/customer/new", {"name": "", "employees": "many", "level": "b"})
    assert answer.status_code == 422
    assert 'value="many"' in answer.text
    assert 'href="#field-employees"' in answer.text
    assert "0 record" not in answer.text


def test_rule_of_the_record_is_told_at_its_field(made) -> None:
    ann, _, _ = made
    answer = ann.post("/o/customer/new", {"name": "Big", "employees": "500"})
    assert answer.status_code == 422
    assert "Choose a level for a customer of more than 100 people." in answer.text


def test_stale_form_shows_both_and_saves_the_choice(made, shop) -> None:
    ann, customers, _ = made
    path = f"/o/customer/{customers[1]}/edit"
    version = hidden(ann.text(path))["version"]
    with work(shop, login="ann", door="api") as ctx:
        records.update(ctx, "customer", customers[1], {"employees": 7, "reason": "moved"}, last_write=True)
    mine = {"name": "Beta", "employees": "9", "since": "2020-01-02", "reason": "", "version": version}
    answer = ann.post(path, mine)
    assert answer.status_code == 409
    assert 'name="pick.employees"' in answer.text
    assert '<input type="hidden" name="pick.reason" value="theirs">' in answer.text
    now = hidden(answer.text)["version"]
    chosen = {**mine, "version": now, "pick.employees": "mine", "pick.since": "mine", "pick.reason": "theirs"}
    assert ann.post(path, chosen).status_code == 303
    with work(shop, login="ann") as ctx:
        saved = records.get(ctx, "customer", customers[1])
    assert (saved["employees"], str(saved["since"]), saved["reason"]) == (9, "2020-01-02", "moved")


def test_lines_are_added_changed_and_removed(made, shop) -> None:
    ann, customers, products = made
    lines = {
        "lines.sent": "1",
        "lines.0.product": products[0],
        "lines.0.quantity": "2",
        "lines.0.price": "2.50",
        "lines.1.product": products[1],
        "lines.1.quantity": "1",
        "lines.1.price": "1.00",
        "lines.5.product": "",
        "lines.5.quantity": "",
        "lines.5.price": "",
    }
    answer = ann.post("/o/sale/new", {"number": "1", "customer": customers[0], **lines})
    assert answer.status_code == 303, answer.text
    here = answer.headers["Location"]
    shown = ann.text(here)
    assert "6.00" in shown
    form = ann.text(f"{here}/edit")
    ids = re.findall(r'name="lines\.\d\.id" value="([^"]+)"', form)
    assert len(ids) == 2
    kept = {
        "lines.sent": "1",
        "lines.1.id": ids[1],
        "lines.1.product": products[1],
        "lines.1.quantity": "4",
        "lines.1.price": "1.00",
        "version": hidden(form)["version"],
    }
    assert ann.post(f"{here}/edit", {"number": "1", "customer": customers[0], **kept}).status_code == 303
    assert "4.00" in ann.text(here)


def test_error_in_a_line_is_told_at_the_line(made) -> None:
    ann, customers, products = made
    lines = {"lines.sent": "1", "lines.0.product": products[0], "lines.0.quantity": "0", "lines.0.price": "x"}
    answer = ann.post("/o/sale/new", {"number": "1", "customer": customers[0], **lines})
    assert answer.status_code == 422
    assert 'href="#field-lines-0-quantity"' in answer.text
    assert 'href="#field-lines-0-price"' in answer.text


def test_words_in_a_lookup_that_name_nothing_are_an_error(made) -> None:
    ann, _, _ = made
    answer = ann.post("/o/sale/new", {"number": "1", "customer": "", "customer.find": "Gam"})
    assert answer.status_code == 422
    assert "Choose one of the suggestions for “Gam”" in answer.text


def test_unreadable_field_is_neither_shown_nor_filtered(made) -> None:
    ann, customers, _ = made
    assert "Credit" not in ann.text(f"/o/customer/{customers[0]}")
    answer = ann.get("/o/customer?where=credit+%3E+1")
    assert answer.status_code == 200
    assert "credit" in answer.text
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    "query", ["sort=name;drop", "sort=-credit", "cursor=xyz", "size=9999", "view=none", "f.level=zz"]
)
def test_senseless_address_still_shows_the_list(made, query: str) -> None:
    ann, _, _ = made
    assert ann.get(f"/o/customer?{query}").status_code == 200


def test_suggestions_are_under_the_rights_of_who_types(made, window) -> None:
    ann, customers, _ = made
    assert customers[1] in ann.text("/o/customer/suggest?q=bet")
    bob = window("bob", "seller")
    assert customers[1] not in bob.text("/o/customer/suggest?q=bet")


def test_deleting_asks_first_and_says_what_is_in_the_way(made) -> None:
    ann, customers, products = made
    lines = {"lines.sent": "1", "lines.0.product": products[0], "lines.0.quantity": "1", "lines.0.price": "1"}
    assert ann.post("/o/sale/new", {"number": "1", "customer": customers[0], **lines}).status_code == 303
    path = f"/o/customer/{customers[0]}/delete"
    assert "Delete" in ann.text(path)
    answer = ann.post(path, {"version": "1"})
    assert answer.status_code == 409
    assert ann.post(f"/o/customer/{customers[1]}/delete", {"version": "1"}).status_code == 303
    assert ann.get(f"/o/customer/{customers[1]}").status_code == 404


def test_language_is_kept_with_the_person(made) -> None:
    ann, _, _ = made
    assert (
        ann.post("/account/language", {"locale": "zh-CN", "next": "/o/customer"}).headers["Location"] == "/o/customer"
    )
    assert '<html lang="zh-CN"' in ann.text("/o/customer")


def test_administrator_s_pages_are_for_administrators(made) -> None:
    ann, _, _ = made
    for path in ("/admin", "/admin/objects/customer", "/admin/site", "/admin/site/edit", "/admin/history"):
        assert ann.get(path).status_code == 403
    assert ann.post("/admin/site/apply", {"path": "views/x_a.yaml", "text": "kind: view"}).status_code == 403


def test_destructive_plan_wants_consent(window, shop) -> None:
    root = window("root", administrator=True)
    fields = {"name": "fax", "label_en": "Fax", "type": "text"}
    page = root.post("/admin/objects/customer/add-field", fields)
    assert "customer.x_fax" in page.text
    path = "patches/x_customer.yaml"
    text = re.search(r"<textarea[^>]*name=\"text\"[^>]*>\n?(.*?)</textarea>", page.text, re.S).group(1)
    assert root.post("/admin/site/apply", {"path": path, "text": text}).status_code == 303
    assert "Fax" in root.text("/o/customer/new")
    with work(shop, login="root") as ctx:
        records.create(ctx, "customer", {"name": "With fax", "x_fax": "123"})
    gone = {"path": path, "text": "", "is_removal": "1"}
    assert root.post("/admin/site/apply", gone).status_code == 409
    assert root.post("/admin/site/apply", {**gone, "allow_drop": "1"}).status_code == 303
    assert "Fax" not in root.text("/o/customer/new")


def test_list_goes_out_as_it_is_filtered(made, window) -> None:
    ann, _, _ = made
    assert "/o/customer/export" not in ann.text("/o/customer")
    assert ann.get("/o/customer/export").status_code == 403
    root = window("root", administrator=True)
    answer = root.get("/o/customer/export?where=name+%3D%3D+%22Beta%22")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="customer.csv"'
    assert "Beta" in answer.text
    assert "Alpha" not in answer.text
    answer.close()


def test_list_goes_out_as_it_is_seen(made, window) -> None:
    ann, _, _ = made
    refused = ann.get("/o/customer/export?as=xlsx")
    assert refused.status_code == 403
    assert "Ask an administrator for the right to export" in refused.text
    root = window("root", administrator=True)
    page = root.text("/o/customer?sort=-name")
    assert "/o/customer/export?sort=-name&amp;as=csv" in page
    answer = root.get("/o/customer/export?sort=-name&as=csv")
    head, *rows = answer.data.decode("utf-8-sig").splitlines()
    shown = re.findall(r'<th scope="col"[^>]*>(?:<a [^>]*>)?([^<]+)', page)
    assert head.split(",") == shown
    assert ["Beta" in row for row in rows] == [True, False]
    answer.close()
    book = root.get("/o/customer/export?as=xlsx")
    assert book.headers["Content-Disposition"] == 'attachment; filename="customer.xlsx"'
    sheet = openpyxl.load_workbook(io.BytesIO(book.data)).active
    assert [cell.value for cell in next(iter(sheet.iter_rows()))] == shown
    book.close()
    assert root.get("/o/customer/export?as=pdf").status_code == 400


def test_lookup_without_script_is_searched(made) -> None:
    ann, customers, _ = made
    answer = ann.post("/o/sale/new", {"number": "9", "customer.words": "bet", "do": "find"})
    assert answer.status_code == 200
    assert f'<option value="{customers[1]}">' in answer.text
    assert f'<option value="{customers[0]}">' not in answer.text
    assert 'value="9"' in answer.text


def test_form_is_refreshed_without_what_is_only_for_those_without_script(made) -> None:
    ann, _, _ = made
    first = ann.text("/o/customer/new")
    assert re.search(r'name="level"[^>]*hx-post="/o/customer/new"', first)
    answer = ann.post("/o/customer/new", {"name": "Half", "level": "b", "do": "refresh"})
    assert answer.status_code == 200
    assert 'value="Half"' in answer.text
    assert re.search(r'class="field-label field-required"[^>]*for="field-reason"', answer.text)
    assert "<noscript><input" not in answer.text


def test_lookup_takes_the_one_record_with_just_that_title(made) -> None:
    ann, _, _ = made
    line = {"lines.0.product": "", "lines.0.product.find": "Bolt", "lines.0.quantity": "1", "lines.0.price": "1.00"}
    typed = {"number": "77", "customer": "", "customer.find": " beta ", "lines.sent": "1", **line}
    answer = ann.post("/o/sale/new", typed)
    assert answer.status_code == 303, answer.text


def test_a_lookup_that_names_nothing_hides_no_other_error(made) -> None:
    ann, _, products = made
    lines = {"lines.sent": "1", "lines.0.product": products[0], "lines.0.quantity": "0", "lines.0.price": "x"}
    answer = ann.post("/o/sale/new", {"number": "1", "customer": "", "customer.find": "Gam", **lines})
    assert answer.status_code == 422
    assert "Choose one of the suggestions for “Gam”" in answer.text
    assert 'href="#field-lines-0-price"' in answer.text


def test_typing_begins_at_the_first_field_and_a_refusal_is_read_first(made) -> None:
    ann, _, _ = made
    assert ann.text("/o/sale/new").count(" autofocus") == 1
    refused = ann.post("/o/sale/new", {"number": "1", "customer": "", "customer.find": "Gam"}).text
    assert re.findall(r"<[^>]* autofocus[^>]*>", refused) == re.findall(r'<div[^>]* id="problems"[^>]*>', refused)
