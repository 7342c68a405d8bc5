"""a list on paper, and a file that becomes records and is taken back"""

from __future__ import annotations

import io
from collections.abc import Callable

import pypdf
import pytest
from playwright.sync_api import Page, expect

from dougong import engine as engine_module
from dougong.base import settings as settings_module
from dougong.jobs.worker import Worker

Open = Callable[..., Page]

pytestmark = pytest.mark.browser


def carry_out(site) -> None:
    """Do what the worker beside the server would do."""
    engine = engine_module.open_engine(settings_module.read({"DOUGONG_HOME": str(site.home), "DOUGONG_LOCALE": "en"}))
    worker = Worker(engine, schedules=False)
    worker.run_once()
    worker.join()
    engine.close()


def test_list_is_printed_as_it_is_filtered(sign_in: Open) -> None:
    page = sign_in("admin")
    page.goto("/o/customer?q=Alfreds")
    page.locator("summary", has_text="Print").click()
    link = page.get_by_role("link", name="This list")
    answer = page.request.get(str(link.get_attribute("href")))
    assert answer.headers["content-type"] == "application/pdf"
    (sheet,) = pypdf.PdfReader(io.BytesIO(answer.body())).pages
    assert "Alfreds Futterkiste" in sheet.extract_text()
    assert "Bólido" not in sheet.extract_text()
    assert "1 / 1" in sheet.extract_text()


@pytest.mark.parametrize("width", [1280, 390])
def test_file_becomes_records_and_is_taken_back(sign_in: Open, site, width: int) -> None:
    page = sign_in("admin", viewport={"width": width, "height": 844})
    page.goto("/o/customer")
    page.get_by_role("link", name="Import").click()
    rows = f"Export of customers\nCode,Company,City\nE{width:04},Aurora {width},Oslo\n,Nobody,Rome\n"
    file = {"name": "customers.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_label("Row with the names of the columns")).to_have_value("2")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.get_by_label("Where Company goes").select_option("name|")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("You may leave this page")).to_be_visible()
    carry_out(site)
    expect(page.get_by_text("2 rows = 1 records + 1 with errors")).to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("You may leave this page")).to_be_visible()
    carry_out(site)
    expect(page.get_by_role("heading", name="What came of it")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Rows with errors, to correct them").click()
    assert waiting.value.suggested_filename == "customers-errors.csv"
    page.get_by_role("link", name="Take it back").click()
    expect(page.get_by_text("1 records that it created would be deleted.")).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("You may leave this page")).to_be_visible()
    carry_out(site)
    expect(page.get_by_role("heading", name="What became of its records")).to_be_visible()
    page.goto("/o/customer?q=Aurora")
    expect(page.get_by_text("Nothing found")).to_be_visible()
