"""the pictures in docs/screens, taken of a demo instance of their own: `make screenshots`

Pictures are looked at before they are committed: they are documentation, not a test.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHECKOUT = Path(__file__).resolve().parents[1]
FOLDER = CHECKOUT / "docs" / "screens"
# Without these Chromium asks its maker's hosts for news at every start.
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDE = {"width": 1440, "height": 860}
PHONE = {"width": 390, "height": 844}


@contextmanager
def demo() -> Iterator[str]:
    """Serve a fresh demo instance."""
    with tempfile.TemporaryDirectory() as home, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOUGONG_")}
        command = [sys.executable, "-m", "dougong", "demo", "--port", str(port)]
        server = subprocess.Popen(command, env={**kept, "DOUGONG_HOME": home}, stdout=subprocess.DEVNULL)
        try:
            wait(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait(url: str) -> None:
    """Wait until the server answers."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):  # noqa: S310 -- our own address
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the demo did not start")


def sign_in(browser: Browser, url: str, login: str, *, size: dict[str, int], locale: str, dark: bool = False) -> Page:
    """Open a window and sign in."""
    context = browser.new_context(
        base_url=url, viewport=size, locale=locale, color_scheme="dark" if dark else "light", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"/sign-in?locale={locale}")
    page.fill("#login", login)
    page.fill("#password", "demo")
    page.click("button.btn-primary")
    page.wait_for_url("**/")
    page.locator(".top-actions summary").click()
    page.click(f"button[name=locale][value={locale}]")
    page.wait_for_load_state()
    return page


def keep(page: Page, name: str) -> None:
    """Take one picture, as small as it can be."""
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path, animations="disabled")
    if importlib.util.find_spec("PIL"):
        from PIL import Image  # noqa: PLC0415 -- only where it is installed

        with Image.open(path) as picture:
            picture.convert("RGB").quantize(160, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(CHECKOUT)} {path.stat().st_size // 1024} KiB")  # noqa: T201 -- a command


def first(page: Page, address: str) -> str:
    """Open the first record of a list."""
    page.goto(address)
    here = page.locator("tbody tr a.plain").first.get_attribute("href") or address
    page.goto(here)
    return here


def wide(browser: Browser, url: str) -> None:
    """Take what a supervisor sees."""
    page = sign_in(browser, url, "lin", size=WIDE, locale="zh-CN")
    keep(page, "home")
    page.goto("/o/opportunity")
    keep(page, "list")
    first(page, "/o/customer?f.level=a")
    keep(page, "record")
    page.goto("/reports/opportunities_by_month")
    keep(page, "report")
    other = sign_in(browser, url, "zhang", size=WIDE, locale="zh-CN")
    here = first(other, "/o/opportunity?view=opportunities_mine")
    for each in (page, other):
        each.goto(f"{here}/edit")
    keep(page, "form")
    other.fill("#field-competitor", "Contoso")
    other.fill("#field-amount", "6500000")
    other.locator(".form-actions button").click()
    other.wait_for_load_state()
    other.context.close()
    page.fill("#field-competitor", "海达机械")
    page.fill("#field-probability", "35%")
    page.locator(".form-actions button").click()
    page.wait_for_load_state()
    keep(page, "conflict")
    page.context.close()


def administrator(browser: Browser, url: str) -> None:
    """Take how a field is added."""
    page = sign_in(browser, url, "admin", size=WIDE, locale="en")
    page.goto("/admin/objects/customer/add-field")
    page.fill("#label_en", "Loyalty")
    page.fill("#label_zh", "忠诚度")
    page.fill("#name", "loyalty")
    page.select_option("#type", "choice")
    page.fill("#options", "gold: Gold\nsilver: Silver")
    page.locator(".form-actions button").click()
    page.wait_for_load_state()
    keep(page, "plan")
    page.context.close()


def small_and_dark(browser: Browser, url: str) -> None:
    """Take the same on a phone, and at night."""
    page = sign_in(browser, url, "zhang", size=PHONE, locale="zh-CN")
    page.goto("/o/customer")
    keep(page, "phone")
    page.context.close()
    page = sign_in(browser, url, "lin", size=WIDE, locale="en", dark=True)
    page.goto("/o/customer")
    keep(page, "dark")
    page.context.close()


def day(browser: Browser, url: str) -> None:
    """Take a working day: the home of each role, the board, the calendar, the inbox and what is decided there."""
    for login in ("zhang", "lin", "zhou", "chen"):
        page = sign_in(browser, url, login, size=WIDE, locale="zh-CN")
        page.goto("/")
        keep(page, f"home_{login}")
        if login == "zhang":
            page.goto("/o/opportunity?view=opportunities_board")
            keep(page, "board")
            page.goto("/o/visit?view=visits_calendar")
            keep(page, "calendar")
        if login == "lin":
            page.goto("/inbox")
            keep(page, "inbox")
            page.goto(page.locator("main a[href^='/inbox/']").first.get_attribute("href") or "/inbox")
            page.locator("#decide").wait_for()
            page.set_viewport_size({"width": WIDE["width"], "height": 1280})
            page.wait_for_timeout(1500)
            keep(page, "work_item")
        page.context.close()


def paper(browser: Browser, url: str) -> None:
    """Take a contract as it is printed."""
    page = sign_in(browser, url, "zhang", size={"width": 820, "height": 1000}, locale="zh-CN")
    page.goto("/o/contract?view=contracts_all&f.status=active")
    record = page.locator("tbody tr a.plain").first.get_attribute("href") or ""
    page.goto(f"{record}/print/contract_print?format=html")
    keep(page, "print")
    page.context.close()


def main() -> None:
    """Take every picture anew."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("needs Debian's package chromium")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        for take in (day, paper, wide, administrator, small_and_dark):
            take(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
