"""what stands around every page: navigation that remembers, the look that a person chose, titles, the living page"""

from __future__ import annotations

import re

import pytest

from dougong.features.accounts import service as accounts
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.testing import house

MACRO = re.compile(r"{%-? macro (\w+)\(")


def test_every_macro_of_the_parts_stands_on_the_living_page(window) -> None:
    folder = house.ROOT / "ui_templates"
    page = (folder / "admin" / "components.html").read_text()
    missing = [
        name for name in MACRO.findall((folder / "parts.html").read_text()) if not re.search(rf"\b{name}\(", page)
    ]
    assert missing == [], "show it on ui_templates/admin/components.html"
    text = window("root", administrator=True).text("/admin/components")
    assert text.count('data-bs-theme="dark"') == text.count('data-bs-theme="light"') == 1


def test_living_page_is_for_administrators(window) -> None:
    assert window("ann", "seller").get("/admin/components").status_code == 403


def test_look_is_kept_with_the_person_and_worn_at_once(window, shop) -> None:
    ann = window("ann", "seller")
    assert "data-bs-theme" not in ann.text("/")
    answer = ann.post("/account/look", {"theme": "dark", "next": "/account"})
    assert answer.headers["Location"] == "/account"
    assert ann.post("/account/look", {"density": "compact"}).status_code == 303
    assert re.search(r'<html lang="en" data-bs-theme="dark" data-density="compact">', ann.text("/"))
    with work(shop, reason="look") as ctx:
        (user,) = records.list(ctx, "user", records.Query(where='login == "ann"', fields=("theme", "density"))).records
        assert (user["theme"], user["density"]) == ("dark", "compact")
    ann.post("/account/look", {"theme": "system"})
    assert "data-bs-theme" not in ann.text("/")
    assert 'data-density="compact"' in ann.text("/")


def test_look_comes_along_to_another_browser(window, shop, app) -> None:
    window("ann", "seller").post("/account/preferences", {"theme": "dark", "density": "", "locale": "en"})
    with work(shop, reason="a password") as ctx:
        (user,) = records.list(ctx, "user", records.Query(where='login == "ann"', fields=("id",))).records
        accounts.set_password(ctx, user.id, "a-long-enough-word")
    other = app.test_client()
    answer = other.post("/sign-in", data={"login": "ann", "password": "a-long-enough-word"})
    assert answer.status_code == 303
    assert 'data-bs-theme="dark"' in other.get("/").text


@pytest.mark.parametrize("bad", ["purple", '"><script>', ""])
def test_look_that_there_is_not_is_the_usual_one(window, bad: str) -> None:
    ann = window("ann", "seller")
    assert ann.post("/account/look", {"theme": bad, "density": bad}).status_code == 303
    assert "data-bs-theme" not in ann.text("/")


def test_navigation_comes_as_it_was_left(window) -> None:
    root = window("root", administrator=True)
    names = re.findall(r'data-side-group="(\w+)" open', root.text("/"))
    assert "administration" in names
    root.client.set_cookie("side", f"compact.{names[0]}.administration")
    text = root.text("/account")
    assert 'data-side="compact"' in text
    assert re.findall(r'data-side-group="(\w+)" open', text) == [name for name in names[1:] if name != "administration"]


def test_title_of_the_browser_names_record_and_object(window, shop) -> None:
    ann = window("ann", "seller")
    with work(shop, login="ann") as ctx:
        customer = records.create(ctx, "customer", {"name": "Alpha"}).id
    assert "<title>Alpha · Customer · Dougong</title>" in ann.text(f"/o/customer/{customer}")
    assert "· Alpha · Customer · Dougong</title>" in ann.text(f"/o/customer/{customer}/delete")


@pytest.mark.parametrize("forged", ["https://evil.example/x", "//evil.example", "javascript:alert(1)"])
def test_undo_of_a_message_leads_only_to_ourselves(window, forged: str) -> None:
    ann = window("ann", "seller")
    ann.client.set_cookie("notice", f"code=saved&title=x&undo={forged}")
    text = ann.text("/account")
    assert "was saved." in text
    assert "evil.example" not in text
    assert "javascript:" not in text


def test_message_may_be_undone(window) -> None:
    ann = window("ann", "seller")
    ann.client.set_cookie("notice", "code=saved&title=x&undo=/imports/1/undo")
    assert 'action="/imports/1/undo"' in ann.text("/account")


def test_error_page_is_in_the_language_of_who_is_signed_in(window) -> None:
    zhang = window("zhang", "seller", locale="zh-CN")
    answer = zhang.client.get("/nowhere", headers={"Accept": "text/html", "Accept-Language": "en"})
    assert answer.status_code == 404
    assert "<title>未找到 · Dougong</title>" in answer.text
    assert "Not found" not in answer.text
