"""a day in the company of the demo: the customer manager, the supervisor, finance, the executive, the administrator"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
STARTS_WITHIN = 60.0
Open = Callable[..., Page]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
both_sizes = pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])


def _environment(home: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOUGONG_")}
    return {**kept, "DOUGONG_HOME": home}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """The address of a demo instance of its own."""
    home = str(tmp_path_factory.mktemp("day") / "demo")
    environment = _environment(home)
    made = [sys.executable, "-m", "dougong", "demo", "--no-serve"]
    subprocess.run(made, env=environment, check=True, capture_output=True, timeout=200)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "dougong", "serve", "--port", str(port), "--workers", "1", "--no-worker"]
    with open(f"{home}/serve.log", "w", encoding="utf-8") as log:  # noqa: PTH123 -- a path as text is at hand
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended at once"
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 -- our own address
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start within {STARTS_WITHIN:.0f} s")


@pytest.fixture
def come_in(company: str, browser: Browser) -> Iterator[Open]:
    """Let somebody of the demo sign in, in a window of their own."""
    contexts: list[BrowserContext] = []

    def open_window(login: str, size: dict[str, int] = WIDE) -> Page:
        context = browser.new_context(base_url=company, viewport=size, locale="zh-CN", reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto("/sign-in")
        page.fill("#login", login)
        page.fill("#password", "demo")
        page.locator("main button.btn-primary, button.btn-primary").first.click()
        page.wait_for_url("**/")
        return page

    yield open_window
    for context in contexts:
        context.close()


def choose(page: Page, label: str, words: str) -> None:
    """Type into a lookup, and take what it offers."""
    page.get_by_role("combobox", name=label, exact=False).first.fill(words)
    page.get_by_role("option", name=re.compile(words)).first.click()


def save(page: Page) -> None:
    page.locator(".form-actions button.btn-primary").last.click()
    expect(page.get_by_role("status").first).to_be_visible()


def rows_behind(page: Page) -> int:
    """The number of records that a list says it has."""
    found = re.search(r"[\d,]+", page.locator(".page-subtitle").first.inner_text())
    assert found is not None
    return int(found.group().replace(",", ""))


def day(offset: int, clock: str = "") -> str:
    at = time.localtime(time.time() + offset * 86400)
    return time.strftime("%Y-%m-%d", at) + clock


@both_sizes
def test_customer_manager_plans_a_visit_and_logs_a_follow_up(come_in: Open, size: dict[str, int]) -> None:
    page = come_in("zhang", size)
    expect(page.get_by_role("heading", name="我的拜访计划")).to_be_visible()
    subject = f"方案汇报 {size['width']}"
    page.goto("/o/visit/new")
    page.fill("#field-subject", subject)
    choose(page, "客户", "苏州澜川精密机械")
    page.fill("#field-starts_at", day(2, "T10:00"))
    page.fill("#field-ends_at", day(2, "T11:30"))
    save(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(subject)
    page.goto(f"/o/visit?view=visits_calendar&q={subject}")
    expect(page.get_by_role("link", name=re.compile(subject)).first).to_be_visible()
    page.goto("/o/follow_up/new")
    page.fill("#field-subject", f"电话沟通 {size['width']}")
    choose(page, "客户", "苏州澜川精密机械")
    page.fill("#field-content", "客户希望下周看方案。")
    page.fill("#field-next_on", day(5))
    page.fill("#field-next_step", "发送方案初稿")
    save(page)
    page.goto("/o/customer?q=苏州澜川精密机械")
    page.get_by_role("link", name="苏州澜川精密机械有限公司").first.click()
    expect(page.locator("main")).to_contain_text(f"电话沟通 {size['width']}")


@both_sizes
def test_customer_manager_moves_an_opportunity_on_the_board(come_in: Open, size: dict[str, int]) -> None:
    page = come_in("zhang", size)
    page.goto("/o/opportunity?view=opportunities_board")
    card = page.locator(".board-card:has(button[name=to][value=negotiation])").first
    name = card.locator(".board-name").inner_text()
    address = card.get_attribute("data-card")
    card.locator("summary").click()
    with page.expect_response(re.compile("/move")):
        card.get_by_role("button", name="进入商务谈判").click()
    page.wait_for_load_state("networkidle")
    if "/buttons/" in page.url or page.locator("main form[action*='/buttons/']").count():
        page.fill("#field-amount", "300000")
        page.locator(".form-actions button.btn-primary").last.click()
        page.wait_for_load_state("networkidle")
    page.goto(str(address))
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    expect(page.locator("[aria-current=step]")).to_contain_text("商务谈判")


@both_sizes
def test_contract_is_written_sent_back_submitted_again_and_approved(come_in: Open, size: dict[str, int]) -> None:
    zhang, lin = come_in("zhang", size), come_in("lin", size)
    name = f"分拣线改造合同 {size['width']}"
    zhang.goto("/o/contract/new")
    zhang.fill("#field-name", name)
    choose(zhang, "客户", "苏州澜川精密机械")
    zhang.fill("#field-amount", "260000")
    zhang.fill("#field-start_on", day(10))
    zhang.fill("#field-end_on", day(375))
    save(zhang)
    here = zhang.url
    press(zhang, "提交审批")
    expect(zhang.locator("main")).to_contain_text("审批中")

    decide(lin, name, "退回", "付款方式请改为 3-6-1。")
    zhang.goto(here)
    expect(zhang.locator("[aria-current=step]")).to_contain_text("草稿")
    zhang.goto(f"{here}/edit")
    zhang.fill("#field-financial_terms", "预付 30%，到货 60%，质保金 10%。")
    save(zhang)
    press(zhang, "提交审批")

    lin.goto("/inbox")
    lin.get_by_role("link", name=name).first.click()
    expect(lin.locator("main")).to_contain_text("付款方式请改为 3-6-1。")
    lin.fill("#opinion", "同意。")
    lin.locator("#decide").get_by_role("button", name="同意").click()
    lin.wait_for_load_state("networkidle")
    zhang.goto(here)
    expect(zhang.locator("[aria-current=step]")).to_contain_text("已批准")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first.click()
    page.wait_for_load_state("networkidle")


def decide(page: Page, title: str, verb: str, opinion: str) -> None:
    page.goto("/inbox")
    page.get_by_role("link", name=title).first.click()
    page.fill("#opinion", opinion)
    page.locator("#decide").get_by_role("button", name=verb, exact=True).click()
    page.wait_for_load_state("networkidle")


@both_sizes
def test_finance_sees_what_is_due_and_registers_a_payment(come_in: Open, size: dict[str, int]) -> None:
    page = come_in("zhou", size)
    tile = page.locator("section[aria-labelledby=tile-due] .tile-number")
    due = int(tile.inner_text())
    tile.click()
    page.wait_for_url("**/o/receivable?**")
    assert rows_behind(page) == due
    page.locator("tbody tr a.plain").first.click()
    page.wait_for_url(re.compile("/o/receivable/[0-9a-f-]+"))
    here = page.url
    press(page, "登记全额回款")
    page.fill("#field-received_on", day(0))
    page.select_option("#field-method", "transfer")
    page.locator(".form-actions button.btn-primary").last.click()
    page.wait_for_load_state("networkidle")
    page.goto(here)
    expect(page.locator("[aria-current=step]")).to_contain_text("已回款")
    page.goto("/")
    expect(page.locator("section[aria-labelledby=tile-due] .tile-number")).to_have_text(str(due - 1))


@both_sizes
def test_executive_drills_from_numbers_into_their_rows(come_in: Open, size: dict[str, int]) -> None:
    page = come_in("chen", size)
    for name in ("contracts", "overdue"):
        page.goto("/")
        tile = page.locator(f"section[aria-labelledby=tile-{name}] .tile-number")
        number = int(tile.inner_text())
        tile.click()
        page.wait_for_url(re.compile("/o/"))
        assert rows_behind(page) == number
    page.goto("/reports/customers_by_level")
    row = page.locator("tbody tr").first
    count = int(row.locator("td.number, td.num, td").nth(1).inner_text())
    row.get_by_role("link").first.click()
    page.wait_for_url(re.compile("/o/customer"))
    assert rows_behind(page) == count
    expect(page.get_by_role("link", name="新建客户")).to_have_count(0)


def test_administrator_adds_a_field_and_the_manager_has_it_at_once(come_in: Open) -> None:
    admin = come_in("admin")
    admin.goto("/admin/objects/customer/add-field")
    admin.fill("#label_en", "Loyalty")
    admin.fill("#label_zh", "忠诚度")
    admin.fill("#name", "loyalty")
    admin.select_option("#type", "choice")
    admin.fill("#options", "gold: 金牌\nsilver: 银牌")
    admin.locator(".form-actions button").first.click()
    expect(admin.locator("main")).to_contain_text("customer.x_loyalty")
    admin.get_by_role("button", name="应用").first.click()
    expect(admin.locator("main")).to_contain_text("x_loyalty")
    page = come_in("zhang", PHONE)
    page.goto("/o/customer?q=苏州澜川精密机械")
    page.get_by_role("link", name="苏州澜川精密机械有限公司").first.click()
    page.get_by_role("link", name="编辑").first.click()
    page.get_by_label("忠诚度").select_option("gold")
    save(page)
    expect(page.locator("main")).to_contain_text("金牌")
