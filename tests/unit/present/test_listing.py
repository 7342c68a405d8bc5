"""the list of an object"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from dougong.records.query import Page, Record
from dougong.web.present import listing
from dougong.web.present.value import Cell


def test_unknown_parts_of_an_address_are_left_out(catalog) -> None:
    asked = listing.asked(catalog, "customer", {"view": "gone", "size": "7", "f.level": " ", "q": " x "})
    assert (asked.view.name, asked.size, dict(asked.filters), asked.words) == ("customers", 25, {}, "x")


def test_header_sorts_up_then_down_then_as_the_view_has_it(look) -> None:
    hrefs = []
    for sort in ("", "name", "-name"):
        asked = listing.asked(look.catalog, "customer", {"sort": sort})
        hrefs.append(listing.head(look, asked, ["name"])[0].sort_href)
    assert hrefs == ["/o/customer?sort=name", "/o/customer?sort=-name", "/o/customer"]


def test_pages_lead_on_and_back(look) -> None:
    def pager(**query: str) -> listing.Pager:
        asked = listing.asked(look.catalog, "customer", query)
        return listing.pager(asked, Page([], next="c2"), count="")

    first = pager()
    assert (first.previous_href, first.next_href) == ("", "/o/customer?cursor=c2&back=-")
    second = pager(cursor="c1", back="-")
    assert second.previous_href == "/o/customer"
    third = pager(cursor="c2", back="-,c1")
    assert third.previous_href == "/o/customer?cursor=c1&back=-"


def test_values_are_presented_by_their_types(look) -> None:
    record = Record(
        "customer",
        "1",
        1,
        {"level": "a", "sort": "x", "since": dt.date(2026, 1, 2), "mail": "a@b.c", "site": "javascript:x", "tags": ()},
    )
    names = ["level", "sort", "since", "mail", "site", "tags"]
    level, sort, since, mail, site, tags = listing.rows(look, look.catalog.object("customer"), names, [record])[0].cells
    assert [(badge.label, badge.colour) for badge in level.badges] == [("Gold", "yellow")]
    assert (sort.badges, sort.text) == ((), "No colour")
    assert "2026" in since.text
    assert mail.href == "mailto:a@b.c"
    assert site.href == ""
    assert tags.is_blank


def test_lookup_links_to_its_record_by_title(look) -> None:
    record = Record("sale", "1", 1, {"customer": "c1"}, titles={"c1": "Blue"})
    cell = listing.rows(look, look.catalog.object("sale"), ["customer"], [record])[0].cells[0]
    assert (cell.text, cell.href) == ("Blue", "/o/customer/c1")


def test_object_without_a_view_shows_its_title_and_first_fields(catalog) -> None:
    view = listing.views_of(catalog, "sale_line")[0]
    assert [column.name for column in view.columns] == ["product", "quantity", "gift"]


@pytest.mark.parametrize(
    ("locale", "this_year", "other_year", "time"),
    [
        ("en", "Nov 20", "Dec 31, 2025", "9:30\u202fAM"),
        ("zh-CN", "11-20", "2025-12-31", "09:30"),
        ("de", "20. Nov.", "31.12.2025", "09:30"),
    ],
)
def test_dates_in_lists_are_short_and_whole_in_their_title(look, locale, this_year, other_year, time) -> None:
    today = dt.date(2026, 11, 22)
    seen = replace(look, showing=replace(look.showing, locale=locale, zone="UTC", today=today))

    def cells(since: dt.date, moment: dt.datetime) -> tuple[Cell, ...]:
        record = Record("customer", "1", 1, {"since": since, "seen": moment})
        return listing.rows(seen, look.catalog.object("customer"), ["since", "seen"], [record])[0].cells

    since, moment = cells(dt.date(2026, 11, 20), dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC))
    assert (since.text, moment.text) == (this_year, time)
    assert "2026" in since.title
    assert "2026" in moment.title
    since, moment = cells(dt.date(2025, 12, 31), dt.datetime(2025, 12, 31, 9, 30, tzinfo=dt.UTC))
    assert (since.text, moment.text) == (other_year, other_year)
