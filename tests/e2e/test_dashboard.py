"""a dashboard in a browser: from its numbers, bars and tables to the records behind them, by keyboard too"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]

pytestmark = pytest.mark.browser


def test_numbers_and_cells_lead_to_just_their_records(sign_in: Open) -> None:
    page = sign_in("mary")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto("/dashboards/trade_figures")
    tile = page.locator(".tile", has=page.get_by_role("heading", name="Number of customers"))
    number = tile.locator(".tile-number").inner_text()
    tile.locator(".tile-number").click()
    expect(page.locator(".page-subtitle").first).to_have_text(f"{number} records")
    page.go_back()
    chart = page.locator(".tile", has=page.get_by_role("heading", name="Customers by country"))
    expect(chart.locator("canvas")).to_be_visible()
    chart.get_by_text("As a table").press("Enter")
    france = chart.get_by_role("row", name=re.compile("France")).get_by_role("link").last
    expect(france).to_have_text("40")
    france.focus()
    france.press("Enter")
    expect(page.locator(".page-subtitle").first).to_have_text("40 records")
    assert page.url.startswith("http")
    assert "behind-number" in page.url
    page.go_back()
    chart = page.locator(".tile", has=page.get_by_role("heading", name="Customers by country"))
    box = chart.locator("canvas").bounding_box()
    assert box is not None
    expect(chart.locator("canvas")).to_be_visible()
    page.wait_for_timeout(500)
    # The largest country has the first of three bars, behind some 30 pixels of the axis.
    page.mouse.click(box["x"] + 30 + (box["width"] - 46) / 6, box["y"] + box["height"] * 0.6)
    page.wait_for_url(re.compile("behind-number"))
    expect(page.locator(".page-subtitle").first).to_have_text("40 records")
    assert said == []


def test_dashboard_fits_a_phone_and_says_all_without_script(sign_in: Open) -> None:
    page = sign_in("mary", viewport={"width": 390, "height": 844})
    page.goto("/dashboards/trade_figures")
    expect(page.get_by_role("heading", name="Number of customers")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    plain = sign_in("mary", java_script_enabled=False)
    plain.goto("/dashboards/trade_figures")
    expect(plain.get_by_role("row", name=re.compile("France")).first).to_be_visible()
    expect(plain.locator("[data-chart]").first).not_to_be_visible()
