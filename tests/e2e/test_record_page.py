"""a record's page in a browser: comments with mentions, files, what is added to its related lists"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from dougong.testing import house

Open = Callable[..., Page]

pytestmark = pytest.mark.browser

AXE = house.ROOT / "ui_templates" / "assets" / "node_modules" / "axe-core" / "axe.min.js"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def open_customer(page: Page, code: str) -> str:
    page.goto(f"/o/customer?q={code}")
    page.locator("table[data-rows] tbody a").first.click()
    page.wait_for_url(re.compile("/o/customer/[0-9a-f-]{36}"))
    return page.url


def test_comment_mentions_somebody_and_is_changed(sign_in: Open) -> None:
    page = sign_in("mary")
    open_customer(page, "ALFKI")
    box = page.get_by_label("Write a comment")
    box.click()
    box.press_sequentially("Ask @pau")
    option = page.get_by_role("option", name=re.compile("Paul Reed"))
    expect(option).to_be_visible()
    box.press("Enter")
    expect(box).to_have_value("Ask @paul ")
    box.press_sequentially("about https://example.com/offer.")
    page.get_by_role("button", name="Comment", exact=True).click()
    entry = page.locator(".timeline-entry", has_text="example.com").first
    expect(entry.locator(".mention")).to_have_text("@Paul Reed")
    expect(entry.get_by_role("link", name="https://example.com/offer", exact=True)).to_be_visible()
    expect(page.get_by_label("Write a comment")).to_have_value("")
    entry.hover()
    entry.get_by_role("link", name="Change").click()
    page.get_by_label("Comment", exact=True).fill("Asked already")
    page.get_by_role("button", name="Save").click()
    entry = page.locator(".timeline-entry", has_text="Asked already").first
    expect(entry).to_be_visible()
    entry.hover()
    entry.get_by_role("button", name="Take back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Asked already")).to_have_count(0)


def test_files_are_chosen_pasted_and_refused(sign_in: Open) -> None:
    page = sign_in("mary")
    open_customer(page, "BOLID")
    page.locator("input[type=file]").set_input_files(
        [{"name": "报价单.txt", "mimeType": "text/plain", "buffer": "价格：100 元".encode()}]
    )
    expect(page.get_by_role("link", name="报价单.txt", exact=True)).to_be_visible()
    page.evaluate(
        """(picture) => {
          const bytes = Uint8Array.from(atob(picture), (sign) => sign.charCodeAt(0));
          const clipboardData = new DataTransfer();
          clipboardData.items.add(new File([bytes], 'image.png', { type: 'image/png' }));
          document.querySelector('.comment-box textarea').dispatchEvent(
            new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
        }""",
        PNG,
    )
    picture = page.locator(".file-picture img")
    expect(picture).to_be_visible()
    assert picture.evaluate("(img) => img.decode().then(() => img.naturalWidth)") == 1
    page.locator("input[type=file]").set_input_files(
        [{"name": "run.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}]
    )
    expect(page.get_by_text("“run.exe” is a program.")).to_be_visible()
    page.get_by_role("link", name="报价单.txt", exact=True).click()
    expect(page.locator("pre")).to_have_text("价格：100 元")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save").click()
    assert saved.value.suggested_filename == "报价单.txt"


def test_related_record_is_added_without_leaving_the_page(sign_in: Open) -> None:
    page = sign_in("mary")
    here = open_customer(page, "C001")
    orders = page.locator("#order_customer")
    expect(orders.get_by_text("None yet.")).to_be_visible()
    orders.get_by_role("link", name=re.compile("New")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox", name="Customer")).to_have_value("Customer 001")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Order number").fill("5001")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#order_customer").get_by_role("link", name="5001")).to_be_visible()
    assert page.url.split("#")[0] == here


def test_activity_is_a_part_of_its_own_on_a_phone(sign_in: Open) -> None:
    page = sign_in("mary", viewport={"width": 360, "height": 760})
    open_customer(page, "ALFKI")
    expect(page.locator(".record-beside")).to_be_hidden()
    page.get_by_role("link", name="Activity").click()
    page.wait_for_url(re.compile("/activity$"))
    expect(page.get_by_label("Write a comment")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("link", name="Changes").click()
    expect(page.get_by_role("link", name="Changes")).to_have_attribute("aria-current", "true")
    expect(page.get_by_text("created this record")).to_be_visible()


def found(page: Page) -> list[tuple[str, str]]:
    page.wait_for_timeout(200)  # what fades in is faint until it is there
    page.evaluate(AXE.read_text())
    answer = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [(each["id"], node["html"][:160]) for each in answer["violations"] for node in each["nodes"]]


@pytest.mark.skipif(not AXE.is_file(), reason="needs the browser files' own tools")
@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360)])
def test_axe_finds_nothing_beside_a_record(sign_in: Open, theme: str, width: int) -> None:
    page = sign_in(
        "mary", viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce", bypass_csp=True
    )
    here = open_customer(page, "C002" if theme == "light" else "C003")
    page.goto(f"{here}/activity")
    page.get_by_label("Write a comment").fill("Hello @paul, see https://example.com")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".mention")).to_be_visible()
    page.locator("input[type=file]").set_input_files([{"name": "a.txt", "mimeType": "text/plain", "buffer": b"text"}])
    expect(page.get_by_role("link", name="a.txt", exact=True)).to_be_visible()
    assert found(page) == []
    page.goto(here)
    assert found(page) == []
    page.locator("#order_customer").get_by_role("link", name=re.compile("New")).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert found(page) == []
    page.goto(f"{here}/activity?kind=files")
    page.get_by_role("link", name="a.txt", exact=True).click()
    expect(page.locator("pre")).to_be_visible()
    assert found(page) == []
