"""axe finds nothing on the pages of every day, in both themes and languages, wide and narrow; keys work"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dougong.testing import house

Open = Callable[..., Page]
AXE = house.ROOT / "ui_templates" / "assets" / "node_modules" / "axe-core" / "axe.min.js"
LOOKS = [("light", 1280, "en"), ("dark", 390, "en"), ("dark", 1280, "zh-CN"), ("light", 390, "zh-CN")]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker, of the browser files' own tools."""
    if not Path(AXE).is_file():
        pytest.skip("needs ui_templates/assets/node_modules; python3 build_backend/browser_files.py makes it")
    return AXE.read_text()


def found(page: Page, axe: str) -> list[tuple[str, str]]:
    page.wait_for_timeout(200)  # what fades in is faint until it is there
    page.evaluate(axe)
    answer = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [(each["id"], node["html"][:160]) for each in answer["violations"] for node in each["nodes"]]


def enter(page: Page, language: str) -> None:
    page.locator("#login").fill("admin")
    page.locator("#password").fill("a-long-enough-word")
    page.locator("button.btn-primary").click()
    page.wait_for_url("**/")
    page.evaluate(
        """async (locale) => fetch('/account/language', {method: 'POST', body: new URLSearchParams({locale,
        csrf_token: document.querySelector('meta[name=csrf-token]').content})})""",
        language,
    )


@pytest.mark.parametrize(("theme", "width", "language"), LOOKS)
def test_axe_finds_nothing(site: Any, browser: Browser, axe: str, theme: str, width: int, language: str) -> None:
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
        locale=language,
        reduced_motion="reduce",
        bypass_csp=True,
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    wrong: dict[str, object] = {}

    def look(name: str) -> None:
        if violations := found(page, axe):
            wrong[name] = violations
        if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
            wrong[f"{name}, width"] = page.evaluate("document.documentElement.scrollWidth")

    page.goto(f"/sign-in?locale={language}")
    look("sign-in")
    enter(page, language)
    page.goto("/o/order")
    look("list")
    record = page.locator("tr[data-href]").first.get_attribute("data-href")
    report = page.locator('a[href^="/reports/"]').first
    report_href = report.get_attribute("href") if report.count() else None
    places = {
        "home": "/", "record": record, "form": f"{record}/edit", "new": "/o/order/new", "report": report_href,
        "account": "/account", "definitions": "/admin", "components": "/admin/components", "search": "/search?q=cu",
        "nothing found": "/search?q=zzzz", "not there": "/nowhere",
    }  # fmt: skip
    for name, href in places.items():
        if href:
            page.goto(href)
            look(name)
    page.goto("/account")
    page.get_by_role("combobox").first.click()
    page.keyboard.type("alfreds")
    page.locator(".found-option").first.wait_for()
    look("search box")
    context.close()
    assert wrong == {}


def test_search_box_is_worked_by_keys(sign_in: Open) -> None:
    page = sign_in("mary")
    box = page.get_by_role("combobox", name="Search everything")
    page.keyboard.press("Control+k")
    expect(box).to_be_focused()
    expect(page.locator(".found-none")).to_be_visible()
    page.keyboard.type("alfreds")
    option = page.get_by_role("option", name="Alfreds Futterkiste")
    expect(option.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(option.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#found")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Alfreds Futterkiste")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    expect(page.get_by_role("group", name="Looked at last").get_by_role("option")).to_have_count(1)
    page.keyboard.type("customer 01")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=customer\+01$"))


def test_drawer_on_a_phone_keeps_the_focus_and_closes_on_escape(sign_in: Open) -> None:
    page = sign_in("mary", viewport={"width": 390, "height": 800})
    opener = page.get_by_role("link", name="Open the navigation")
    opener.click()
    side = page.get_by_role("navigation", name="Navigation")
    expect(side).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("!document.activeElement.closest('.app-top, .app-content')")
    page.keyboard.press("Escape")
    expect(side).to_be_hidden()
    expect(opener).to_be_focused()


def test_navigation_remembers_and_the_look_changes_at_once(sign_in: Open) -> None:
    page = sign_in("mary")
    group = page.locator("[data-side-group]").first
    group.locator("summary").click()
    page.get_by_role("button", name="Icons only").click()
    page.locator("summary", has_text="Your menu").click()
    with page.expect_response("**/account/look"):
        page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.goto("/account")
    html = page.content()[:200]
    assert 'data-bs-theme="dark"' in html
    assert 'data-side="compact"' in html
    expect(page.locator("[data-side-group]").first).not_to_have_attribute("open", "")
    page.locator("summary", has_text="Your menu").click()
    with page.expect_response("**/account/look"):
        page.get_by_role("button", name="As the system").click()
