"""Promises: made with what causes them, kept once, tried again, parked."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest

from dougong.base.errors import ActionFailed
from dougong.context import Subscriber
from dougong.features.accounts.work import work
from dougong.jobs import outbox, worker
from dougong.jobs.call import Handling
from dougong.jobs.outbox import Hopeless, LeaseLost
from dougong.records import service as records

MINUTE = dt.timedelta(minutes=1)


def claims(engine, limit: int = 10, by: str = "one") -> list[outbox.Claim]:
    return outbox.claim(engine.database, engine.clock.now(), by, queue="now", limit=limit)


def stands(engine) -> outbox.Figures:
    with engine.database.open(write=False) as connection:
        return outbox.figures(connection, engine.clock.now())


def test_promise_goes_with_its_transaction(engine, promise, carry) -> None:
    def fall() -> None:
        with work(engine, reason="a test") as ctx:
            outbox.promise(ctx, "greet", {"to": "nobody"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fall()
    promise("greet", {"to": "ann"})
    heard = []
    assert carry({"greet": lambda engine, body, call: heard.append(body["to"])}) == 1
    assert heard == ["ann"]
    assert carry({"greet": lambda engine, body, call: heard.append(body["to"])}) == 0


def test_claimed_promise_is_nobody_elses_until_its_lease_runs_out(engine, promise, clock) -> None:
    promise("greet")
    (mine,) = claims(engine)
    assert claims(engine, by="two") == []
    clock.move(seconds=50)
    outbox.renew(engine.database, [mine], clock.now() + MINUTE)
    clock.move(seconds=50)
    assert claims(engine, by="two") == []
    clock.move(seconds=20)
    (theirs,) = claims(engine, by="two")
    assert theirs.attempts == 2
    with pytest.raises(LeaseLost), engine.database.open(write=True) as connection:
        outbox.finish(connection, mine, clock.now())
    with pytest.raises(LeaseLost):
        outbox.fail(engine.database, mine, clock.now(), "too late")
    with engine.database.open(write=True) as connection:
        outbox.finish(connection, theirs, clock.now())


def test_effects_of_one_who_lost_the_lease_do_not_count(engine, promise, carry, clock) -> None:
    promise("slow")

    def slow(engine, body, call) -> None:
        with call.work() as ctx:
            ctx.connection.exec_driver_sql("INSERT INTO test_effect (promise, lane, n) VALUES ('first', '', 1)")

    (mine,) = claims(engine)
    clock.move(minutes=2)
    claims(engine, by="two")
    engine_of_first = replace(engine, handlers={"slow": slow})
    assert not worker.carry_out(engine_of_first, mine)
    with engine.database.open(write=False) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM test_effect").scalar() == 0


def test_failure_is_tried_later_each_time_and_then_parked(engine, promise, carry, clock) -> None:
    promise("fail")
    times = []

    def fail(engine, body, call) -> None:
        times.append(engine.clock.now())
        raise OSError("no answer")

    for _ in range(200):
        carry({"fail": Handling(fail, tries=4)})
        clock.move(seconds=5)
    waits = [later - sooner for sooner, later in pairwise(times)]
    assert len(times) == 4
    assert waits == sorted(waits)
    assert waits[0] < dt.timedelta(seconds=20) < waits[-1]
    with engine.database.open(write=False) as connection:
        (parked,) = outbox.parked(connection)
    assert (parked.name, parked.attempts) == ("fail", 4)
    assert "no answer" in parked.error
    assert stands(engine).parked == 1
    with engine.database.open(write=True) as connection:
        assert outbox.retry(connection, clock.now()) == 1
    assert carry({"fail": lambda engine, body, call: None}) == 1
    assert stands(engine).parked == 0


def test_hopeless_promise_is_parked_at_once_and_may_be_given_up(engine, promise, carry, clock) -> None:
    promise("fail")

    def fail(engine, body, call) -> None:
        raise Hopeless("there is no such address")

    carry({"fail": fail})
    with engine.database.open(write=True) as connection:
        (parked,) = outbox.parked(connection)
        assert parked.error == "there is no such address"
        assert outbox.give_up(connection, clock.now(), [parked.id]) == 1
    assert stands(engine) == outbox.Figures({}, None, 0, 0)


def test_promise_that_nobody_knows_waits_for_one_who_does(engine, promise, carry, clock) -> None:
    promise("new_topic")
    carry({})
    assert stands(engine).later == 1
    clock.move(minutes=1)
    assert carry({"new_topic": lambda engine, body, call: None}) == 1


def test_promises_of_one_lane_are_kept_in_order(engine, promise, carry, clock) -> None:
    for number in range(3):
        promise("step", {"n": number}, lane="a")
    promise("step", {"n": 10}, lane="b")
    heard = []
    is_broken = True

    def step(engine, body, call) -> None:
        if body["n"] == 0 and is_broken:
            raise ActionFailed("not yet")
        heard.append(body["n"])

    assert [each.body["n"] for each in claims(engine)] == [0, 10]
    clock.move(minutes=2)
    carry({"step": step})
    assert heard == [10]
    is_broken = False
    clock.move(minutes=2)
    carry({"step": step})
    assert heard == [10, 0, 1, 2]


def test_parked_promise_does_not_hold_its_lane(engine, promise, carry) -> None:
    promise("step", {"n": 0}, lane="a")
    promise("step", {"n": 1}, lane="a")
    heard = []

    def step(engine, body, call) -> None:
        if body["n"] == 0:
            raise Hopeless("never")
        heard.append(body["n"])

    carry({"step": step})
    assert heard == [1]


def test_promise_for_later_waits(engine, promise, carry, clock) -> None:
    promise("remind", queue="timed", not_before=clock.now() + MINUTE)
    assert carry({"remind": lambda engine, body, call: None}) == 0
    assert (stands(engine).due, stands(engine).later) == (0, 1)
    clock.move(minutes=1)
    assert carry({"remind": lambda engine, body, call: None}) == 1


def test_promise_with_a_key_is_made_once(engine, promise, carry) -> None:
    assert promise("greet", key="hello ann") is not None
    assert promise("greet", key="hello ann") is None
    keys = []
    carry({"greet": lambda engine, body, call: keys.append(call.key)})
    assert keys == ["hello ann"]
    assert promise("greet", key="hello ann") is None


def test_every_subscriber_hears_of_an_event_once(engine, carry) -> None:
    heard = []

    def hears(name):
        return lambda engine, body, call: heard.append((name, body["object"], len(body["ids"])))

    subscribers = {
        "record.created": (
            Subscriber("first", hears("first")),
            Subscriber("second", hears("second"), lambda catalog, event: event.object == "unit"),
        )
    }
    with work(replace(engine, subscribers=subscribers), reason="a test") as ctx:
        records.create_many(ctx, "unit", [{"name": "A", "code": "a"}, {"name": "B", "code": "b"}])
        records.create(ctx, "user", {"login": "x", "name": "X"})
    carry(subscribers=subscribers)
    assert sorted(heard) == [("first", "unit", 1)] * 2 + [("first", "user", 1)] + [("second", "unit", 1)] * 2


def test_one_failing_subscriber_does_not_stop_the_other(engine, carry, clock) -> None:
    heard = []

    def fails(engine, body, call) -> None:
        raise OSError

    subscribers = {
        "record.created": (
            Subscriber("bad", fails),
            Subscriber("good", lambda engine, body, call: heard.append(body["ids"])),
        )
    }
    with work(replace(engine, subscribers=subscribers), reason="a test") as ctx:
        unit = records.create(ctx, "unit", {"name": "A", "code": "a"})
    for _ in range(3):
        carry(subscribers=subscribers)
        clock.move(minutes=5)
    assert heard == [[unit.id]]


def test_event_that_nobody_wants_is_not_written_down(engine) -> None:
    with work(engine, reason="a test") as ctx:
        records.create(ctx, "unit", {"name": "A", "code": "a"})
    assert stands(engine).due == 0
    wants = {"record.created": (Subscriber("no", lambda *_: None, lambda catalog, event: False),)}
    with work(replace(engine, subscribers=wants), reason="a test") as ctx:
        records.create(ctx, "unit", {"name": "B", "code": "b"})
    assert stands(engine).due == 0


def test_kept_promises_are_swept_away_after_some_days(engine, promise, carry, clock) -> None:
    promise("greet")
    promise("other")
    with engine.database.open(write=True) as connection:
        connection.exec_driver_sql(
            "INSERT INTO dougong_outbox (id, at, queue, topic, body, attempts) VALUES "
            "('018f0000-0000-7000-8000-000000000001', '2026-01-01 00:00:00.000', 'now', 'record.created', '{}', 0)"
        )
    carry({"greet": lambda engine, body, call: None})
    assert outbox.sweep(engine.database, clock.now()) == 1  # an event of a version without workers
    clock.move(days=4)
    assert outbox.sweep(engine.database, clock.now()) == 1
    assert stands(engine).due == 1


def test_work_given_back_is_not_counted_as_a_try(engine, promise) -> None:
    promise("greet")
    (mine,) = claims(engine)
    outbox.release(engine.database, [mine])
    (again,) = claims(engine, by="two")
    assert again.attempts == 1


def test_promise_that_takes_its_workers_down_is_parked(engine, promise, clock) -> None:
    promise("poison")
    engine = replace(engine, handlers={"poison": lambda *_: pytest.fail("not again")})
    mine = claims(engine)
    for _ in range(outbox.MOST_CLAIMS):
        clock.move(minutes=2)
        mine = claims(engine)
    assert not worker.carry_out(engine, mine[0])
    assert stands(engine).parked == 1
