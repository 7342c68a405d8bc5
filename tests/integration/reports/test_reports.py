"""reports: numbers that are right, under the rights of who looks"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from decimal import Decimal

import openpyxl
import pytest
import sqlalchemy as sa

from dougong.base.errors import BadRequest, NotAllowed, UnknownName
from dougong.features.reports import service as reports


def drawn_series(series):
    """Give the names and numbers of series, without what leads to the records behind them."""
    return [{key: each[key] for key in ("name", "data")} for each in series]


def test_revenue_is_rounded_once_and_line_totals_each(as_user):
    with as_user() as ctx:
        assert reports.run(ctx, "revenue").rows == ((Decimal("193.59"),),)
        # 0.045 twice: half away from zero, in each line.
        assert reports.run(ctx, "revenue_by_line").rows == ((Decimal("193.60"),),)


def test_groups_are_titled_and_totalled(as_user):
    with as_user() as ctx:
        found = reports.run(ctx, "revenue_by_employee")
    assert [column.name for column in found.columns] == ["employee", "revenue", "orders"]
    assert found.shown == (("Ann Oak", "180.09", "2"), ("(blank)", "13.50", "1"))
    assert found.shown_totals == ("", "193.59", "3")
    assert found.columns[0].object == "employee"
    assert found.rows[1][0] is None


def test_average_and_distinct_count_are_not_added_up(as_user):
    with as_user() as ctx:
        found = reports.run(ctx, "best_products")
        months = reports.run(ctx, "revenue_by_month")
    assert found.shown[0] == ("Chai", "193.55", "12", "12.02")
    # Of four lines, not of two products.
    assert found.shown_totals == ("", "193.60", "13", "9.03")
    assert months.totals == (None, Decimal("193.59"), 3)


def test_totals_that_follow_from_the_groups_take_no_statement(trade, as_user):
    sent = []
    sa.event.listen(trade.database.engine, "before_cursor_execute", listener := lambda *given: sent.append(given[2]))
    try:
        with as_user() as ctx:
            for name, count in (("country_by_month", 1), ("best_products", 2)):
                reports.run(ctx, name)
                sent.clear()
                found = reports.run(ctx, name)
                assert len([each for each in sent if "count(" in each or "sum(" in each]) == count, name
                assert found.totals
    finally:
        sa.event.remove(trade.database.engine, "before_cursor_execute", listener)


def test_months_without_records_are_drawn_but_not_listed(as_user):
    with as_user() as ctx:
        found = reports.run(ctx, "revenue_by_month")
    assert [row[0] for row in found.rows] == [dt.date(2026, 1, 1), dt.date(2026, 4, 1)]
    assert found.chart["type"] == "line"
    assert found.chart["categories"] == ["Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026"]
    assert drawn_series(found.chart["series"]) == [{"name": "Revenue", "data": [180.09, 0, 0, 13.5]}]


def test_labels_are_in_the_language_of_the_reader(as_user):
    with as_user(None) as ctx:
        assert ctx.locale == "zh-CN"
        found = reports.run(ctx, "revenue_by_month")
    assert found.shown[0][0] == "2026年1月"
    assert [column.label.show("zh-CN") for column in found.columns] == ["月份", "销售收入", "订单数"]


def test_second_dimension_becomes_a_series_each(as_user):
    with as_user() as ctx:
        chart = reports.run(ctx, "country_by_month").chart
    assert chart["categories"] == ["Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026"]
    assert drawn_series(chart["series"]) == [
        {"name": "Germany", "data": [2, 0, 0, 0]},
        {"name": "Sweden", "data": [0, 0, 0, 1]},
    ]


def test_every_function_and_condition(as_user):
    with as_user() as ctx:
        (row,) = reports.run(ctx, "spans").rows
    first, last = dt.date(2026, 1, 15), dt.date(2026, 4, 1)
    assert row == (first, last, Decimal("7.75"), 2, 2, 1, None)


def test_more_groups_than_the_limit_are_said(as_user):
    with as_user() as ctx:
        found = reports.run(ctx, "first_product")
    assert found.more
    assert found.shown == (("Chai", "3"),)
    assert found.totals == (None, 4)


def test_condition_of_the_caller_narrows(as_user):
    with as_user() as ctx:
        found = reports.run(ctx, "unshipped", {"where": 'ship_country == "Sweden" or ship_country == "Germany"'})
        assert found.rows == ((1,),)
        assert reports.run(ctx, "unshipped", {"where": 'ship_country == "Sweden"'}).rows == ((0,),)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"wher": "true"}, "has no parameter 'wher'; did you mean 'where'"),
        ({"where": "ship_contry == 1"}, "has no field 'ship_contry'"),
        ({"where": "freight"}, "The filter cannot be read"),
        ({"where": "1) or (1 == 1"}, "The filter cannot be read"),
    ],
)
def test_wrong_parameters_are_refused(as_user, parameters, said):
    with as_user() as ctx, pytest.raises(BadRequest, match=said):
        reports.run(ctx, "unshipped", parameters)


def test_unknown_report_is_named_with_the_nearest(as_user):
    with as_user() as ctx, pytest.raises(UnknownName, match="did you mean 'revenue'"):
        reports.run(ctx, "revenu")


def test_who_may_not_read_the_records_has_no_report(as_user):
    with as_user("nil") as ctx:
        assert reports.visible(ctx) == ()
        with pytest.raises(NotAllowed, match="may not read the records of the report Revenue"):
            reports.run(ctx, "revenue")


def test_lines_are_reported_under_the_rights_of_their_record(as_user):
    with as_user("sam") as ctx:
        assert "revenue" in {each.name for each in reports.visible(ctx)}
        assert reports.run(ctx, "revenue").rows == ((Decimal("193.59"),),)


def test_measure_over_a_hidden_field_is_left_out(as_user):
    with as_user() as ctx:
        found = reports.run(ctx, "births")
        assert [column.name for column in found.columns] == ["employees"]
        assert found.hidden == ("first_born", "youngest")
    with as_user(None) as ctx:
        assert reports.run(ctx, "births").rows == ((1, dt.date(1980, 5, 1), 0),)


def test_report_by_a_hidden_field_is_refused(as_user):
    with as_user() as ctx:
        assert "births_by_year" not in {each.name for each in reports.visible(ctx)}
        with pytest.raises(NotAllowed, match="needs fields that you may not read"):
            reports.run(ctx, "births_by_year")


def test_hidden_field_cannot_be_asked_for_by_a_condition(as_user):
    with as_user() as ctx, pytest.raises(BadRequest, match="birth_date"):
        reports.run(ctx, "births", {"where": 'birth_date < "2000-01-01"'})


def test_files_hold_the_same_numbers(as_user):
    with as_user() as ctx:
        text = reports.write(ctx, "revenue_by_month", form="csv")
        book = reports.write(ctx, "revenue_by_month", form="xlsx")
        data = reports.write(ctx, "revenue_by_month", form="json")
    rows = list(csv.reader(io.StringIO(text.content.decode("utf-8-sig"))))
    assert rows == [
        ["Month", "Revenue", "Orders"],
        ["2026-01", "180.09", "2"],
        ["2026-04", "13.50", "1"],
        ["Total", "193.59", "3"],
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()][1:] == [
        ["2026-01", 180.09, 2],
        ["2026-04", 13.5, 1],
        ["Total", 193.59, 3],
    ]
    assert json.loads(data.content)["rows"][0] == {"month": "2026-01-01", "revenue": "180.09", "orders": 2}
    assert (text.name, book.name) == ("revenue_by_month.csv", "revenue_by_month.xlsx")


def test_files_need_the_verb_export(as_user):
    with as_user() as ctx:
        assert reports.run(ctx, "categories").rows == ((1,),)
        assert reports.write(ctx, "categories", form="json")
        with pytest.raises(NotAllowed, match="may not export"):
            reports.write(ctx, "categories", form="csv")
        with pytest.raises(BadRequest, match="csv, xlsx"):
            reports.write(ctx, "revenue", form="pdf")
