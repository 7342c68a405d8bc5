"""entering in a browser: what is computed and proposed while one types"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]

pytestmark = pytest.mark.browser


def test_amounts_follow_while_one_types_and_the_cursor_stays(sign_in: Open) -> None:
    page = sign_in("mary")
    page.goto("/o/order/new")
    row = page.locator("[data-line]").first
    row.get_by_label("Unit price").fill("18")
    row.get_by_label("Quantity").fill("1")
    expect(row.locator("output")).to_have_text("18.00")
    quantity = row.get_by_label("Quantity")
    quantity.press("End")
    quantity.press_sequentially("0")
    expect(row.locator("output")).to_have_text("180.00")
    expect(quantity).to_be_focused()
    expect(quantity).to_have_value("10")
    expect(page.locator("#field-total")).to_contain_text("180.00")
    page.get_by_role("button", name="Add a line").click()
    second = page.locator("[data-line]").nth(1)
    second.get_by_label("Unit price").fill("2")
    second.get_by_label("Quantity").fill("5")
    expect(second.locator("output")).to_have_text("10.00")
    expect(page.locator("#field-total")).to_contain_text("190.00")
    page.locator("[data-line]").first.get_by_role("button", name="Remove this line").click()
    expect(page.locator("#field-total")).to_contain_text("10.00")


def test_session_that_ends_while_a_lookup_is_searched_loses_nothing(sign_in: Open) -> None:
    page = sign_in("mary")
    page.goto("/o/order/new")
    page.get_by_label("Order number").fill("4712")
    page.get_by_label("Recipient").fill("Reed")
    page.wait_for_timeout(400)
    page.context.clear_cookies()
    page.get_by_role("combobox", name="Customer").fill("bólido")
    page.wait_for_url(re.compile("/sign-in"))
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    page.get_by_label("Login").fill("mary")
    page.get_by_label("Password").fill("a-long-enough-word")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/o/order/new")
    expect(page.get_by_text("What you had typed is back.")).to_be_visible()
    expect(page.get_by_label("Order number")).to_have_value("4712")
    expect(page.get_by_label("Recipient")).to_have_value("Reed")


def test_name_of_a_new_field_follows_its_label_until_one_writes_it(sign_in: Open) -> None:
    page = sign_in("admin")
    page.goto("/admin/objects/customer/add-field")
    name = page.get_by_label("Name", exact=True)
    page.get_by_label("Label in Chinese").press_sequentially("客户来源")
    expect(name).to_have_value("x_ke_hu_lai_yuan")
    page.get_by_label("Label in English").press_sequentially("Source of it")
    expect(name).to_have_value("x_source_of_it")
    name.fill("x_origin")
    page.get_by_label("Label in English").press_sequentially(" all")
    page.wait_for_timeout(600)
    expect(name).to_have_value("x_origin")
