"""records side by side in lanes, their counts and sums, and which conditions hold of each record"""

from __future__ import annotations

import decimal

import pytest
import sqlalchemy as sa

from dougong.base.errors import BadRequest
from dougong.records import service as records
from dougong.records.aggregate import Measured
from dougong.records.query import Query


@pytest.fixture
def customers(as_user):
    with as_user("ann") as ctx:
        for at, level in enumerate(("a", "a", "a", "b", None)):
            records.create(ctx, "customer", {"name": f"Nail {at}", "level": level, "reason": "new"})
    with as_user("bob") as ctx:
        records.create(ctx, "customer", {"name": "Elsewhere", "level": "a"})


def test_lanes_count_all_and_give_the_first_of_each(as_user, customers):
    with as_user("ann") as ctx:
        query = Query(fields=("name",), sort=("-name",), limit=2)
        found = {lane.value: lane for lane in records.lanes(ctx, "customer", query, by="level")}
        assert {value: lane.count for value, lane in found.items()} == {"a": 3, "b": 1, None: 1}
        assert [each["name"] for each in found["a"].records] == ["Nail 2", "Nail 1"]
        assert [each["name"] for each in found[None].records] == ["Nail 4"]
        more = records.lanes(ctx, "customer", query, by="level", limits={"a": 9, "": 0})
        assert {lane.value: len(lane.records) for lane in more} == {"a": 3, "b": 1, None: 0}


def test_lanes_are_within_filters_words_and_rights(as_user, customers):
    with as_user("ann") as ctx:
        found = records.lanes(ctx, "customer", Query(where='level == "a"', q="nail 1", fields=("name",)), by="level")
        assert [(lane.value, lane.count, [each["name"] for each in lane.records]) for lane in found] == [
            ("a", 1, ["Nail 1"])
        ]
        with pytest.raises(BadRequest, match="no field 'nothing'"):
            records.lanes(ctx, "customer", Query(where="nothing > 1"), by="level")


def test_lanes_send_two_statements(as_user, customers, engine):
    sent: list[str] = []
    sa.event.listen(engine.database.engine, "before_cursor_execute", lambda *a: sent.append(a[2]))
    with as_user("ann") as ctx:
        records.lanes(ctx, "customer", Query(fields=("name",)), by="level")
        sent.clear()
        records.lanes(ctx, "customer", Query(fields=("name",)), by="level")
        assert len(sent) == 2


def test_flags_tell_which_conditions_hold_of_each_record(as_user, customers):
    with as_user("ann") as ctx:
        flags = ('level == "a"', "level is null")
        page = records.list(ctx, "customer", Query(fields=("name",), sort=("name",), flags=flags, limit=25))
        assert [each.flags for each in page] == [(True, False)] * 3 + [(False, False), (False, True)]
        query = Query(fields=("name",), sort=("name",), flags=flags)
        by_lane = {lane.value: lane.records[0].flags for lane in records.lanes(ctx, "customer", query, by="level")}
        assert by_lane == {"a": (True, False), "b": (False, False), None: (False, True)}


def test_totals_are_of_the_records_of_the_list(as_user, product):
    with as_user("ann") as ctx:
        lines = [{"product": product, "quantity": 2, "price": "1.50"}]
        customer = records.create(ctx, "customer", {"name": "Nail"}).id
        for number in ("1", "2"):
            records.create(ctx, "sale", {"number": number, "customer": customer, "lines": lines})
        measures = [Measured("count", "count"), Measured("total", "sum", of="total")]
        (row,) = records.aggregate(ctx, "sale", measures=measures, where='number == "1"', as_listed=True)
        assert row == {"count": 1, "total": decimal.Decimal("3.00")}
