import dataclasses
import datetime as dt

import pytest

from dougong.builtin.field_types.datetime import DateTime
from dougong.sdk import InvalidValue, Reading, Showing
from dougong.testing.contracts import FieldTypeContract


def utc(*parts: int, milliseconds: int = 0) -> dt.datetime:
    return dt.datetime(*parts, microsecond=milliseconds * 1000, tzinfo=dt.UTC)  # type: ignore[misc,arg-type]


MOMENT = utc(2026, 11, 22, 2, 29, 28, milliseconds=123)


class TestDateTime(FieldTypeContract):
    field_type = DateTime()
    reading = Reading(zone="Asia/Shanghai")
    showing = Showing(zone="Asia/Shanghai")
    accepts = {
        "2026-11-22T02:29:28.123Z": MOMENT,
        "2026-11-22T10:29:28.123": MOMENT,
        "2026-11-22T10:29:28.123999+08:00": MOMENT,
        "2026-11-22 10:29": utc(2026, 11, 22, 2, 29),
        "2026/11/22 10:29:05": utc(2026, 11, 22, 2, 29, 5),
        "2026年11月22日 10:29": utc(2026, 11, 22, 2, 29),
        "2026-11-21T18:29:00-0800": utc(2026, 11, 22, 2, 29),
        MOMENT: MOMENT,
        dt.datetime(2026, 11, 22, 10, 29): utc(2026, 11, 22, 2, 29),  # noqa: DTZ001
    }
    refuses = {
        "2026-11-22": "Enter a date and a time, such as 2026-11-22 14:30.",
        "10:29": "moment_unclear",
        "2026-11-22T10:29:28.1234567890Z": "moment_unclear",
        1795314568: "moment_unclear",
        dt.date(2026, 11, 22): "moment_unclear",
        "2026-11-22T24:00": "There is no such time.",
        "2026-11-22T10:60": "moment_impossible",
        "2026-02-30T10:00": "moment_impossible",
        "2026-11-22T10:29:60Z": "moment_impossible",
        "2026-11-22T10:29+99:00": "moment_impossible",
        "0001-01-01T00:00": "moment_impossible",
        "0001-01-01T00:00+14:00": "moment_impossible",
        "9999-12-31T23:59-12:00": "moment_impossible",
    }
    shows = {MOMENT: "Nov 22, 2026, 10:29\u202fAM"}
    shows_in_chinese = {MOMENT: "2026年11月22日 10:29"}
    cells = {"2026-11-22 10:29": utc(2026, 11, 22, 2, 29)}
    dumps = {MOMENT: "2026-11-22T02:29:28.123Z", utc(2026, 1, 1): "2026-01-01T00:00:00.000Z"}
    ascending = (utc(999, 1, 1), utc(2026, 1, 1), utc(2026, 1, 1, milliseconds=1), MOMENT)


class TestDateTimeAtTheEdgesOfTheCalendar(FieldTypeContract):
    field_type = DateTime()
    showing = Showing(zone="Pacific/Kiritimati")
    accepts = {
        "0001-01-02T00:00Z": utc(1, 1, 2),
        "9999-12-30T23:59:59.999Z": utc(9999, 12, 30, 23, 59, 59, milliseconds=999),
    }


def test_hour_that_clocks_leave_out_is_refused() -> None:
    berlin = Reading(zone="Europe/Berlin")
    with pytest.raises(InvalidValue) as caught:
        DateTime().parse("2026-03-29T02:30", berlin)
    message = caught.value.message
    assert message.code == "moment_skipped"
    assert str(message) == "The clocks went forward over this time in Europe/Berlin. Enter one that there was."
    assert "Europe/Berlin" in message.show("zh-CN")
    assert DateTime().parse("2026-03-29T03:00", berlin) == utc(2026, 3, 29, 1)


def test_hour_that_comes_twice_is_the_first() -> None:
    berlin = Reading(zone="Europe/Berlin")
    assert DateTime().parse("2026-10-25T02:30", berlin) == utc(2026, 10, 25, 0, 30)
    assert DateTime().parse("2026-10-25T02:30+01:00", berlin) == utc(2026, 10, 25, 1, 30)


def test_form_begins_with_local_time_as_exact_as_it_is() -> None:
    showing = Showing(zone="Asia/Shanghai")
    moments = [utc(2026, 11, 22, 2, 29), utc(2026, 11, 22, 2, 29, 28), MOMENT]
    entries = [DateTime().entry(moment, showing) for moment in moments]
    assert entries == ["2026-11-22T10:29", "2026-11-22T10:29:28", "2026-11-22T10:29:28.123"]


def test_moment_is_shown_in_its_readers_zone() -> None:
    showing = Showing(zone="America/New_York")
    assert DateTime().format(MOMENT, showing) == "Nov 21, 2026, 9:29\u202fPM"
    assert DateTime().format(MOMENT, dataclasses.replace(showing, zone="UTC")) == "Nov 22, 2026, 2:29\u202fAM"
