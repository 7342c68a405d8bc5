"""the browser files do what their README offers, under the strictest policy a page can have"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from dougong.testing import house

pytestmark = pytest.mark.browser

DIST = house.PACKAGE / "web" / "static" / "dist"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
OPTIONS = '<li role="option" data-value="7" data-title="Northwind">Northwind</li>'


class Kit(BaseHTTPRequestHandler):
    """The page, the browser files, and two answers."""

    def do_GET(self) -> None:
        manifest = json.loads((DIST / "manifest.json").read_text())
        if self.path.startswith("/dist/"):
            path = DIST / Path(self.path).name
            sort = {".js": "text/javascript", ".css": "text/css"}[path.suffix]
            return self._answer(200, sort, path.read_bytes())
        if self.path.startswith("/options"):
            return self._answer(200, "text/html", OPTIONS.encode())
        page = (Path(__file__).parent / "browser_kit.html").read_text()
        page = page.replace("CORE_CSS", manifest["core"]["css"]).replace("CORE_JS", manifest["core"]["js"])
        return self._answer(200, "text/html", page.replace("CHART_JS", manifest["chart"]["js"]).encode())

    def do_POST(self) -> None:
        token = self.headers.get("X-CSRF-Token")
        problem = json.dumps({"detail": f"Ada changed this a minute ago ({token})."})
        self._answer(409, "application/problem+json", problem.encode())

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""

    def _answer(self, status: int, sort: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{sort}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Kit)
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.05))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(5000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "Policy" in message.text else None)
    page.goto(address)
    page.wait_for_selector("html.has-script")
    yield page
    context.close()
    assert not complaints


def test_keys_move_through_the_page(page: Page):
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("n")
    assert page.input_value("#search") == "n"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    assert page.url.endswith("#new")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    assert page.url.endswith("#two")


def test_lines_are_added_moved_and_removed(page: Page):
    page.click("#add")
    page.keyboard.type("gear")
    page.keyboard.press("Enter")
    names = "[...document.querySelectorAll('#record tbody input')].map((field) => field.name)"
    assert page.evaluate(names) == ["lines-0-product", "lines-1-product", "lines-2-product"]
    page.keyboard.press("Alt+ArrowUp")
    assert page.evaluate(names) == ["lines-0-product", "lines-2-product", "lines-1-product"]
    page.click("tbody [data-line]:first-child [data-line-remove]")
    assert page.evaluate(names) == ["lines-2-product", "lines-1-product"]
    assert page.is_visible(".form-changed")


def test_record_is_found_and_chosen_by_keys(page: Page):
    page.fill("#customer", "north")
    page.wait_for_selector("#options li")
    assert page.input_value("[name=customer]") == "", "what is typed is not chosen yet"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert (page.input_value("[name=customer]"), page.input_value("#customer")) == ("7", "Northwind")
    assert not page.is_visible("#options")


def test_refusal_is_asked_for_and_shown(page: Page):
    page.click("#delete")
    page.click("dialog button[value=no]")
    assert page.inner_text("#messages") == ""
    page.click("#delete")
    page.click("dialog button[value=yes]")
    page.wait_for_selector(".message")
    assert page.inner_text("#messages") == "Ada changed this a minute ago (a-token)."


def test_rows_are_chosen_together(page: Page):
    page.click("#all")
    assert page.inner_text("[data-selected-count]") == "2"
    assert page.is_visible("[data-selected-bar]")
    page.click("tbody tr:first-child [data-select-row]")
    assert page.evaluate("document.getElementById('all').indeterminate")


def test_theme_changes_at_once_and_menus_close(page: Page):
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    page.click("summary")
    page.keyboard.press("Escape")
    assert not page.is_visible("text=Item")


def test_charts_and_alpine_work_without_eval(page: Page):
    assert page.is_visible("[data-chart] canvas")
    page.click("#alpine")
    assert page.is_visible("#shown")
