"""a real server on an instance of its own, and people with a browser"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from dougong import engine as engine_module
from dougong.base import settings as settings_module
from dougong.context import Context
from dougong.features.accounts import service as accounts
from dougong.features.accounts.work import work
from dougong.records import service as records

CHECKOUT = Path(__file__).resolve().parents[2]
NORTHWIND = CHECKOUT / "docs" / "examples" / "northwind" / "metadata"
PASSWORD = "a-long-enough-word"
# Without these Chromium asks its maker's hosts for news at every start.
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
STARTS_WITHIN = 60.0


@dataclass(frozen=True)
class Site:
    """A running server."""

    url: str
    home: Path


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOUGONG_")}
    return {
        **kept,
        "DOUGONG_HOME": str(home),
        "DOUGONG_ADMIN_PASSWORD": PASSWORD,
        "DOUGONG_LOCALE": "en",
        "DOUGONG_TIMEZONE": "Asia/Shanghai",
    }


def _dougong(home: Path, *words: str) -> None:
    command = [sys.executable, "-m", "dougong", *words]
    done = subprocess.run(command, env=_environment(home), capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}"


def _fill(home: Path) -> None:
    """Two people, a few customers and products, one order."""
    engine = engine_module.open_engine(settings_module.read(_environment(home)))
    with work(engine, write=True, reason="fill the instance of a test") as ctx:
        for login, name in (("mary", "Mary Stone"), ("paul", "Paul Reed")):
            accounts.create_user(ctx, login=login, name=name, password=PASSWORD, roles=["trade_seller"])
        _trade(ctx)
    engine.close()


def _trade(ctx: Context) -> None:
    customers = [("ALFKI", "Alfreds Futterkiste", "Berlin", "Germany"), ("BOLID", "Bólido Comidas", "Madrid", "Spain")]
    customers += [(f"C{number:03}", f"Customer {number:03}", "Lyon", "France") for number in range(40)]
    made = [
        records.create(ctx, "customer", {"code": code, "name": name, "city": city, "country": country})
        for code, name, city, country in customers
    ]
    category = records.create(ctx, "category", {"name": "Beverages", "number": 1})
    products = [
        records.create(ctx, "product", {"number": number, "name": name, "unit_price": price, "category": category.id})
        for number, (name, price) in enumerate([("Chai", "18"), ("Chang", "19"), ("Ipoh Coffee", "46")], 1)
    ]
    line = {"product": products[0].id, "unit_price": "18", "quantity": 2, "discount": 0}
    order = {"number": 1, "customer": made[0].id, "order_date": "2026-11-02", "lines": [line]}
    records.create(ctx, "order", order)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Site]:
    """A server that is really started, on data of its own."""
    home = tmp_path_factory.mktemp("e2e") / "instance"
    _dougong(home, "init")
    _dougong(home, "apply", str(NORTHWIND))
    _fill(home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "dougong", "serve", "--port", str(port), "--workers", "1", "--no-worker"]
    log = (home / "serve.log").open("w")
    server = subprocess.Popen(command, env=_environment(home), stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(f"http://127.0.0.1:{port}/healthz", server)
        yield Site(f"http://127.0.0.1:{port}", home)
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended at once"
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 -- our own address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start within {STARTS_WITHIN:.0f} s")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; without it the stories are skipped, except where CI asks for all of them."""
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("CI", "") not in ("", "0", "false"):
            pytest.fail("there is no chromium; .ci/run installs it")
        pytest.skip("needs Debian's package chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield started
        started.close()


Open = Callable[..., Page]


@pytest.fixture
def sign_in(site: Site, browser: Browser) -> Iterator[Open]:
    """Let someone sign in, in a window of their own."""
    contexts: list[BrowserContext] = []

    def open_window(login: str, **options: object) -> Page:
        settings = {"viewport": {"width": 1440, "height": 900}, "locale": "en-US", **options}
        context = browser.new_context(base_url=site.url, **settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto("/sign-in")
        page.get_by_label("Login").fill(login)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/")
        return page

    yield open_window
    for context in contexts:
        context.close()
