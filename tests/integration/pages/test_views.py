"""records as boards, calendars, trees and cards, and moving them there"""

from __future__ import annotations

import datetime as dt
import decimal
import re

import babel
import pytest

from dougong.base.clock import FixedClock
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.records.query import Query
from dougong.testing.instances import read_bundles

JSON = {"Accept": "application/json"}


@pytest.fixture
def shop(instances, system_layer, here, dialect):
    """An instance with deals, on each database."""
    clock = FixedClock(dt.datetime(2026, 11, 22, 2, 30, tzinfo=dt.UTC))
    made = instances.make({**system_layer, **read_bundles(here / "deals")}, dialect=dialect, clock=clock)
    yield made
    instances.drop(made)


@pytest.fixture
def ann(window):
    return window("ann", "seller")


@pytest.fixture
def deals(shop, ann):
    """Make deals of Ann by their names, and give their ids."""

    def make(*many: dict) -> list[str]:
        with work(shop, login="ann", write=True) as ctx:
            made = []
            for values in many:
                stage = values.pop("stage", "new")
                record = records.create(ctx, "deal", values)
                if stage in ("offer", "won"):
                    record = records.transition(ctx, "deal", record.id, "offer", last_write=True)
                if stage == "won":
                    records.transition(ctx, "deal", record.id, "win", last_write=True)
                if stage == "lost":
                    records.transition(ctx, "deal", record.id, "lose", {"reason": "price"}, last_write=True)
                made.append(record.id)
        return made

    return make


def read(shop, record_id: str, login: str = "ann") -> records.Record:
    with work(shop, login=login, write=False) as ctx:
        return records.get(ctx, "deal", record_id)


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


# ---- board -----------------------------------------------------------------------------------------------------------


def test_board_has_a_column_for_each_state_with_count_and_sum(ann, deals):
    deals(*({"name": f"Deal {n}", "amount": 100} for n in range(5)), {"name": "Big", "amount": 2000, "stage": "offer"})
    page = ann.text("/o/deal?view=deals_board")
    lanes = page.split('<section class="board-column"')[1:]
    assert [re.search(r'aria-label="([^"]*)"', lane)[1] for lane in lanes] == ["New", "Offered", "Won", "Lost"]
    assert re.search(r'board-count"[^>]*>5<', lanes[0])
    assert "500" in text_of(lanes[0])
    assert lanes[0].count('<li class="board-card"') == 3  # its limit
    assert "2 more" in lanes[0]
    assert '<li class="board-card" data-colour="green"' in lanes[1]
    assert "2,000" in text_of(lanes[1])
    assert "6 records" in page


def test_more_of_a_column_is_shown_by_its_link(ann, deals):
    deals(*({"name": f"Deal {n}"} for n in range(5)))
    page = ann.text("/o/deal?view=deals_board")
    href = re.search(r'board-more" href="([^"]*)"', page)[1].replace("&amp;", "&")
    more = ann.text(href)
    assert more.count('<li class="board-card"') == 5
    assert "board-more" not in more


def test_count_of_a_column_leads_to_the_same_records(ann, deals):
    deals({"name": "One"}, {"name": "Two"}, {"name": "Three", "stage": "lost"})
    page = ann.text("/o/deal?view=deals_board")
    href = re.search(r'board-count" href="([^"]*)"', page)[1].replace("&amp;", "&")
    assert "2 records" in ann.text(href)


def test_menu_of_a_card_holds_the_transitions_of_its_column(ann, deals):
    deals({"name": "One"}, {"name": "Two", "stage": "lost"}, {"name": "Three", "stage": "won", "amount": 1})
    page = ann.text("/o/deal?view=deals_board")
    new, _, won, lost = page.split('<section class="board-column"')[1:]
    assert re.findall(r'name="to" value="(\w+)"', new) == ["offer", "lost"]
    assert re.findall(r'name="to" value="(\w+)"', won) == []
    assert re.findall(r'name="to" value="(\w+)"', lost) == []  # only a chief begins again


def test_moving_a_card_is_a_transition(shop, ann, deals):
    (one,) = deals({"name": "One"})
    sent = {"view": "deals_board", "to": "offer", "version": "1", "next": "/o/deal?view=deals_board"}
    answer = ann.post(f"/o/deal/{one}/move", sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/o/deal?view=deals_board")
    assert read(shop, one)["stage"] == "offer"


def test_script_is_told_why_a_card_goes_back(shop, ann, deals):
    one, won = deals({"name": "One", "stage": "offer"}, {"name": "Won", "stage": "won", "amount": 5})

    def move(record_id: str, to: str, version: str):
        return ann.client.post(
            f"/o/deal/{record_id}/move",
            data={"view": "deals_board", "to": to, "version": version, "csrf_token": ann.csrf},
            headers=JSON,
        )

    refused = move(one, "won", "2")
    assert (refused.status_code, refused.json) == (409, {"refused": "A deal without an amount is not won."})
    assert "changed this Deal meanwhile" in move(one, "won", "1").json["refused"]
    assert "locked" in move(won, "new", "3").json["refused"]
    assert read(shop, one)["stage"] == "offer"


def test_transition_that_requires_something_asks_for_it(shop, ann, deals):
    (one,) = deals({"name": "One"})
    sent = {"view": "deals_board", "to": "lost", "version": "1", "next": "/o/deal?view=deals_board"}
    asked = ann.client.post(f"/o/deal/{one}/move", data={**sent, "csrf_token": ann.csrf}, headers=JSON)
    href = asked.json["ask"]
    assert href.startswith(f"/o/deal/{one}/buttons/lose?")
    assert read(shop, one)["stage"] == "new"
    assert 'name="reason"' in ann.text(href)
    assert ann.post(f"/o/deal/{one}/move", sent).headers["Location"] == href
    done = ann.post(href, {"version": "1", "reason": "price"})
    assert (done.status_code, done.headers["Location"]) == (303, "/o/deal?view=deals_board")
    assert read(shop, one)["stage"] == "lost"


def test_board_by_a_plain_choice_changes_it(shop, ann, deals):
    (one,) = deals({"name": "One", "heat": "hot"})
    page = ann.text("/o/deal?view=deals_heat")
    assert 'data-drop="cold"' in page
    answer = ann.post(f"/o/deal/{one}/move", {"view": "deals_heat", "to": "cold", "version": "1"})
    assert answer.status_code == 303
    assert read(shop, one)["heat"] == "cold"


def test_board_shows_only_what_its_reader_may_read(shop, window, ann, deals):
    (one,) = deals({"name": "Mine"})
    boss = window("boss", "chief")
    with work(shop, login="boss", write=True) as ctx:
        records.update(ctx, "deal", one, {"secret": "hush"}, last_write=True)
        records.create(ctx, "deal", {"name": "Of the boss", "amount": 7})
    assert "hush" in boss.text("/o/deal?view=deals_board")
    page = ann.text("/o/deal?view=deals_board")
    assert "hush" not in page
    assert "Of the boss" not in page
    assert "1 record" in page


def test_board_sends_a_constant_number_of_statements(ann, deals, counted):
    deals({"name": "One"})
    few = counted(lambda: ann.text("/o/deal?view=deals_board"))
    deals(*({"name": f"Deal {n}", "amount": n + 1, "stage": s} for n in range(6) for s in ("new", "offer", "lost")))
    assert counted(lambda: ann.text("/o/deal?view=deals_board")) == few <= 5


# ---- calendar --------------------------------------------------------------------------------------------------------


def test_month_has_records_on_their_days(ann, deals):
    deals({"name": "Signing", "closes": "2026-11-24"}, {"name": "Long ago", "closes": "2026-01-02"})
    page = ann.text("/o/deal?view=deals_days")
    assert "November 2026" in page
    day = page.split('data-drop="2026-11-24"')[1].split("</section>")[0]
    assert "Signing" in day
    assert 'data-colour="blue"' in day
    assert "/o/deal/new?closes=2026-11-24" in day
    assert "Long ago" not in page
    assert page.count('class="calendar-day') in (35, 42)


def test_week_begins_as_the_language_has_it(ann, window):
    assert page_weekdays(ann.text("/o/deal?view=deals_days"))[0] == "Mon"
    li = window("li", "seller", locale="zh-CN")
    first = {0: "周一", 6: "周日"}[int(babel.Locale.parse("zh_CN").first_week_day)]
    assert page_weekdays(li.text("/o/deal?view=deals_days"))[0] == first


def page_weekdays(page: str) -> list[str]:
    return re.findall(r'calendar-weekday"[^>]*>([^<]*)<', page)


def test_record_of_several_days_stands_on_each(ann, deals):
    deals({"name": "Fair", "begins": "2026-11-24 10:00", "ends": "2026-11-26 12:00"})
    page = ann.text("/o/deal?view=deals_hours")
    on = [day for day in ("23", "24", "25", "26", "27") if "Fair" in page.split(f'data-drop="2026-11-{day}"')[1]
          .split("</section>")[0]]  # fmt: skip
    assert on == ["24", "25", "26"]


def test_week_and_day_show_hours_in_the_persons_zone(ann, deals):
    deals({"name": "Call", "begins": "2026-11-24T02:00:00Z", "ends": "2026-11-24T03:00:00Z"})
    page = ann.text("/o/deal?view=deals_hours&span=week&on=2026-11-24")
    cell = page.split('data-drop="2026-11-24" data-hour="10"')[1].split("</td>")[0]
    assert "Call" in cell
    day = ann.text("/o/deal?view=deals_hours&span=day&on=2026-11-24")
    assert "Call" in day
    assert "Call" not in ann.text("/o/deal?view=deals_hours&span=day&on=2026-11-25")


def test_entry_is_moved_with_its_length_and_its_time(shop, ann, deals):
    (one,) = deals({"name": "Fair", "begins": "2026-11-24 10:15", "ends": "2026-11-25 12:00"})
    answer = ann.post(f"/o/deal/{one}/when", {"view": "deals_hours", "day": "2026-11-30", "version": "1"})
    assert answer.status_code == 303
    moved = read(shop, one)
    assert moved["begins"].isoformat() == "2026-11-30T02:15:00+00:00"
    assert moved["ends"].isoformat() == "2026-12-01T04:00:00+00:00"
    ann.post(f"/o/deal/{one}/when", {"view": "deals_hours", "day": "2026-11-30", "hour": "14", "version": "2"})
    assert read(shop, one)["begins"].isoformat() == "2026-11-30T06:15:00+00:00"


def test_day_is_moved_and_refused_under_a_lock(shop, ann, deals):
    one, won = deals(
        {"name": "One", "closes": "2026-11-24"}, {"name": "Won", "closes": "2026-11-24", "stage": "won", "amount": 1}
    )
    ann.post(f"/o/deal/{one}/when", {"view": "deals_days", "day": "2026-11-26", "version": "1"})
    assert read(shop, one)["closes"] == dt.date(2026, 11, 26)
    answer = ann.client.post(
        f"/o/deal/{won}/when",
        data={"view": "deals_days", "day": "2026-11-26", "version": "3", "csrf_token": ann.csrf},
        headers=JSON,
    )
    assert answer.status_code == 409
    assert answer.json["refused"]
    assert read(shop, won)["closes"] == dt.date(2026, 11, 24)


@pytest.mark.parametrize(
    "query", ["on=yesterday", "on=99999-01-01", "span=year&on=2026-13-40", "on=0001-01-01&span=week"]
)
def test_calendar_opens_whatever_an_address_says(ann, query):
    ann.text(f"/o/deal?view=deals_days&{query}")


def test_day_that_is_none_is_refused(ann, deals):
    (one,) = deals({"name": "One", "closes": "2026-11-24"})
    assert ann.post(f"/o/deal/{one}/when", {"view": "deals_days", "day": "soon", "version": "1"}).status_code == 400
    assert ann.post(f"/o/deal/{one}/when", {"view": "deals_all", "day": "2026-11-24"}).status_code == 400


# ---- tree and gallery ------------------------------------------------------------------------------------------------


def test_tree_opens_level_by_level_with_counts(ann, deals):
    (top,) = deals({"name": "Top"})
    (middle, _) = deals({"name": "Middle", "part_of": top}, {"name": "Beside", "part_of": top})
    deals({"name": "Leaf", "part_of": middle})
    page = ann.text("/o/deal?view=deals_tree")
    assert "Top" in page
    assert "Middle" not in page
    assert '<span class="count">2</span>' in page
    href = re.search(r'tree-toggle"[^>]* href="([^"]*)"', page)[1].replace("&amp;", "&")
    opened = ann.text(href)
    assert "Middle" in opened
    assert "Beside" in opened
    assert "Leaf" not in opened
    assert 'aria-expanded="true"' in opened
    assert "Leaf" in ann.text("/o/deal?view=deals_tree&levels=3")
    found = ann.text("/o/deal?view=deals_tree&q=leaf")
    assert "Leaf" in found
    assert "Top" not in found


def test_record_whose_parent_is_not_to_be_seen_stands_at_the_top(shop, window, ann, deals):
    window("boss", "chief")
    with work(shop, login="boss", write=True) as ctx:
        hidden = records.create(ctx, "deal", {"name": "Hidden"}).id
        ann_id = records.list(ctx, "user", Query(where='login == "ann"')).records[0].id
        records.create(ctx, "deal", {"name": "Seen", "part_of": hidden, "owner": ann_id})
    page = ann.text("/o/deal?view=deals_tree")
    assert "Seen" in page
    assert "Hidden" not in page


def test_gallery_shows_cards(ann, deals):
    deals({"name": "One", "amount": 12}, {"name": "Two"})
    page = ann.text("/o/deal?view=deals_cards")
    assert page.count('<li class="board-card"') == 2
    assert "12.00" in page


# ---- list ------------------------------------------------------------------------------------------------------------


def test_foot_of_a_list_is_over_all_its_records(ann, deals):
    deals(*({"name": f"Deal {n:02}", "amount": 10, "closes": "2026-12-01"} for n in range(30)))
    page = ann.text("/o/deal")
    foot = text_of(page.split("<tfoot>")[1].split("</tfoot>")[0])
    assert "300.00" in foot
    assert "30" in foot
    assert "Dec 1, 2026" in foot
    assert "20.00" in text_of(ann.text('/o/deal?where=name < "Deal 02"').split("<tfoot>")[1].split("</tfoot>")[0])


def test_rows_and_cells_have_the_colours_of_their_rules(shop, window, ann, deals):
    lost, big = deals({"name": "Lost", "stage": "lost"}, {"name": "Big", "amount": 5000})
    page = ann.text("/o/deal")
    assert re.search(rf'<tr data-href="/o/deal/{lost}" data-colour="gray"', page)
    row = page.split(f'data-href="/o/deal/{big}"')[1].split("</tr>")[0]
    assert 'data-colour="green"' in row.split("5,000")[0].rsplit("<td", 1)[1]
    assert "is-frozen" in page
    window("boss", "chief")
    with work(shop, login="boss", write=True) as ctx:
        records.update(ctx, "deal", big, {"secret": "hush"}, last_write=True)
    assert f'data-href="/o/deal/{big}" data-colour' not in ann.text("/o/deal")  # a colour would tell the secret
    assert decimal.Decimal("5000") == read(shop, big)["amount"].amount


def test_columns_of_the_address_are_shown(ann, deals):
    deals({"name": "One", "reason": "why not"})
    page = ann.text("/o/deal?cols=reason:120,name,nothing,secret,owner.name")
    assert re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)', page.split("<thead>")[1].split("</thead>")[0]) == [
        "Reason",
        "Name",
        "Name",
    ]
    assert 'width="120"' in page
    assert "cols=reason" in page.split("<thead>")[1].split("</thead>")[0]  # sorting keeps the columns
