import datetime as dt

from dougong.builtin.field_types.date import Date
from dougong.testing.contracts import FieldTypeContract

DAY = dt.date(2026, 11, 2)


class TestDate(FieldTypeContract):
    field_type = Date()
    accepts = {
        "2026-11-02": DAY,
        "2026-11-2": DAY,
        "2026/11/02": DAY,
        "2026.11.2": DAY,
        "2026年11月2日": DAY,
        "２０２６－１１－０２": DAY,
        "2026-11-02 00:00:00.000": DAY,
        "2026-11-02T00:00": DAY,
        DAY: DAY,
        "0001-01-01": dt.date.min,
        "9999-12-31": dt.date.max,
    }
    refuses = {
        "02/11/2026": "Enter a date, such as 2026-11-22.",
        "26-11-02": "date_unclear",
        "2026-11/02": "date_unclear",
        "20261102": "date_unclear",
        "2026-W45-1": "date_unclear",
        "2026-11-02 10:29": "date_unclear",
        "tomorrow": "date_unclear",
        20261102: "date_unclear",
        dt.datetime(2026, 11, 2, tzinfo=dt.UTC): "date_unclear",
        "2026-02-29": "There is no such day in the calendar.",
        "0000-01-01": "date_impossible",
        "2026-13-01": "date_impossible",
    }
    shows = {DAY: "Nov 2, 2026"}
    shows_in_chinese = {DAY: "2026年11月2日"}
    cells = {"2026-11-02": DAY}
    dumps = {DAY: "2026-11-02"}
    ascending = (dt.date(999, 1, 1), dt.date(2025, 12, 31), DAY)
