from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest

from dougong.base.text import Text
from dougong.features.reports import render
from dougong.features.reports.dataset import Column, Dataset, plain


def made(*rows, shown=None, totals=None, scale=2):
    return Dataset(
        name="sales",
        label=Text({"en": "Sales: [all]", "zh-CN": "销售"}),
        locale="en",
        columns=(
            Column("who", Text({"en": "Who", "zh-CN": "谁"}), "text", "dimension"),
            Column("amount", Text({"en": "Amount", "zh-CN": "金额"}), "number", "measure", "end", scale),
        ),
        rows=rows,
        shown=shown or tuple(tuple(map(str, row)) for row in rows),
        totals=totals,
    )


def lines(dataset):
    return render.as_csv(dataset).splitlines()


@pytest.mark.parametrize("text", ["=1+1", "@cmd", "+1+1", "-cmd", "\tx"])
def test_text_that_would_run_in_a_spreadsheet_is_guarded(text):
    assert lines(made((text, None)))[1].startswith(("'", "\"'"))


def test_negative_number_stays_a_number():
    assert lines(made(("Ann", Decimal("-5.00"))))[1] == "Ann,-5.00"


def test_blank_is_an_empty_cell():
    assert lines(made((None, None)))[1] == ","


def test_totals_are_the_last_line():
    assert lines(made(("Ann", Decimal(1)), totals=(None, Decimal("1.00"))))[-1] == "Total,1.00"


def test_number_too_long_for_a_spreadsheet_is_text():
    long = Decimal("1234567890123456.78")
    sheet = openpyxl.load_workbook(io.BytesIO(render.as_xlsx(made(("Ann", long), ("Bob", Decimal("1.5")))))).active
    assert sheet["B2"].value == "1234567890123456.78"
    assert sheet["B3"].value == 1.5
    assert sheet["B3"].number_format == "#,##0.00"


def test_whole_numbers_have_no_places():
    sheet = openpyxl.load_workbook(io.BytesIO(render.as_xlsx(made(("Ann", 3), scale=0)))).active
    assert sheet.title == "Sales   all "
    assert sheet["B2"].number_format == "#,##0"


def test_json_keeps_numbers_exact():
    data = made(("Ann", Decimal("0.10")), totals=(None, Decimal("0.10"))).as_data()
    assert data["rows"] == [{"who": "Ann", "amount": "0.10"}]
    assert data["totals"] == {"who": None, "amount": "0.10"}
    assert data["columns"][1] == {
        "name": "amount",
        "label": "Amount",
        "type": "number",
        "role": "measure",
        "align": "end",
    }


def test_moments_are_told_in_utc():
    moment = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    assert plain(moment) == "2026-11-22T02:00:00.000Z"
    assert plain(moment.date()) == "2026-11-22"
