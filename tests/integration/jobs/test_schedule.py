"""What is promised again and again: once each time, whoever looks at the clock."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from dougong.jobs import outbox, schedule
from dougong.jobs.schedule import Schedule

EVERY = Schedule("tick", "tick", every=dt.timedelta(minutes=5))
DAILY = Schedule("morning", "morning", at=dt.time(9, 0), body={"who": "all"})


def waiting(engine) -> int:
    with engine.database.open(write=False) as connection:
        return outbox.figures(connection, engine.clock.now()).due


def test_interval_is_promised_once_each_time(engine, clock) -> None:
    assert schedule.fire(engine, [EVERY]) == 0
    clock.move(minutes=4)
    assert schedule.fire(engine, [EVERY]) == 0
    clock.move(minutes=1)
    assert schedule.fire(engine, [EVERY]) == 1
    assert schedule.fire(engine, [EVERY]) == 0
    assert waiting(engine) == 1


def test_missed_times_are_promised_once(engine, clock) -> None:
    schedule.fire(engine, [EVERY])
    clock.move(days=3)
    assert schedule.fire(engine, [EVERY]) == 1
    clock.move(minutes=1)
    assert schedule.fire(engine, [EVERY]) == 0


def test_daily_time_is_of_the_instances_zone(engine, clock, carry) -> None:
    heard = []
    schedule.fire(engine, [DAILY])  # 2026-11-22 10:00 in Shanghai
    for _ in range(48):
        clock.move(hours=1)
        schedule.fire(engine, [DAILY])
        carry({"morning": lambda engine, body, call: heard.append((engine.clock.now(), body["who"]))})
    assert heard == [
        (dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC), "all"),
        (dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC), "all"),
    ]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-28T12:00", "2026-03-29T00:30"),  # 02:30 is left out in Berlin that night
        ("2026-10-24T12:00", "2026-10-25T00:30"),  # and comes twice that night: the first counts
        ("2026-10-25T00:45", "2026-10-26T01:30"),
    ],
)
def test_change_of_clocks_neither_skips_nor_repeats_a_day(now: str, expected: str) -> None:
    at = Schedule("night", "night", at=dt.time(2, 30))
    read = [dt.datetime.fromisoformat(each).replace(tzinfo=dt.UTC) for each in (now, expected)]
    found = at.following(read[0], "Europe/Berlin")
    assert abs(found - read[1]) <= dt.timedelta(hours=1)
    assert found > read[0]


def test_changed_schedule_is_planned_anew(engine, clock) -> None:
    schedule.fire(engine, [EVERY])
    clock.move(minutes=6)
    sooner = Schedule("tick", "tick", every=dt.timedelta(minutes=1))
    assert schedule.fire(engine, [sooner]) == 0
    clock.move(minutes=1)
    assert schedule.fire(engine, [sooner]) == 1


def test_several_hosts_fire_once(engine, clock) -> None:
    schedule.fire(engine, [EVERY])
    clock.move(minutes=5)
    fired = []
    threads = [threading.Thread(target=lambda: fired.append(schedule.fire(engine, [EVERY]))) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(fired) == 1
    assert waiting(engine) == 1


def test_schedule_says_one_thing() -> None:
    with pytest.raises(ValueError, match="either"):
        Schedule("both", "both", every=dt.timedelta(hours=1), at=dt.time(9))
