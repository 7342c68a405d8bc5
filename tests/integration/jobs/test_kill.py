"""Workers are killed at random moments: nothing is lost, and nothing is done twice on our database."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from dougong.features.accounts.work import work
from dougong.jobs import outbox
from dougong.jobs import service as jobs

HERE = Path(__file__).parent
LANES = 12
IN_LANE = 6
STEPS = 40


def environment(engine, broker: str) -> dict[str, str]:
    settings = engine.settings
    return {
        **os.environ,
        "DOUGONG_HOME": str(settings.home),
        "DOUGONG_DATABASE_URL": settings.database_url,
        "DOUGONG_DEFINITIONS": str(settings.definitions),
        "DOUGONG_BROKER_URL": broker,
    }


class Workers:
    """Some processes that are killed and started again."""

    def __init__(self, way: str, environment: dict[str, str], number: int) -> None:
        self._command = [sys.executable, str(HERE / "crashing.py"), way, str(os.getpid())]
        self._environment = environment
        self.processes = [self._start() for _ in range(number)]
        self.kills = 0

    def _start(self) -> subprocess.Popen:
        return subprocess.Popen(self._command, env=self._environment)

    def kill_one(self) -> None:
        at = random.randrange(len(self.processes))  # noqa: S311
        self.processes[at].send_signal(signal.SIGKILL)
        self.processes[at].wait()
        self.processes[at] = self._start()
        self.kills += 1

    def end(self) -> None:
        for each in self.processes:
            each.kill()
            each.wait()


def done(engine) -> list[tuple[str, str, int]]:
    with engine.database.open(write=False) as connection:
        rows = connection.exec_driver_sql("SELECT promise, lane, n FROM test_effect ORDER BY at").all()
    return [tuple(row) for row in rows]


def is_all_done(engine) -> bool:
    with engine.database.open(write=False) as connection:
        found = outbox.figures(connection, engine.clock.now())
        assert found.parked == 0, outbox.parked(connection)
        return found.due + found.later == 0


def withstand(engine, way: str, broker: str = "", *, first_wait: float, between: float) -> None:
    with work(engine, reason="a test") as ctx:
        for number in range(IN_LANE):
            for lane in range(LANES):
                outbox.promise(ctx, "note", {"lane": f"l{lane}", "n": number}, lane=f"l{lane}")
        job = jobs.start(ctx, "count", {"steps": STEPS})
    workers = Workers(way, environment(engine, broker), 2)
    try:
        time.sleep(first_wait)
        until = time.monotonic() + 80
        while not is_all_done(engine):
            assert time.monotonic() < until, f"not done: {len(done(engine))} effects, {workers.kills} kills"
            if workers.kills < 8:
                workers.kill_one()
            time.sleep(random.random() * between)  # noqa: S311
    finally:
        workers.end()
    rows = done(engine)
    order = defaultdict(list)
    for _, lane, n in rows:
        order[lane].append(n)
    assert not [each for each, times in Counter((lane, n) for _, lane, n in rows).items() if times > 1]
    assert sorted(order.pop("job")) == list(range(STEPS))
    assert order.keys() == {f"l{lane}" for lane in range(LANES)}
    assert all(each == list(range(IN_LANE)) for each in order.values())
    with work(engine, write=False, reason="look") as ctx:
        found = jobs.get(ctx, job)
        assert (found.status, found.result) == ("done", {"steps": STEPS})
    assert workers.kills > 0


@pytest.fixture
def clock():
    """Leases run out by the real time here."""


@pytest.mark.timeout(150)
def test_own_worker_withstands_kills(engine) -> None:
    withstand(engine, "own", first_wait=1.5, between=2.0)


@pytest.mark.redis
@pytest.mark.timeout(150)
@pytest.mark.parametrize("dialect", ["postgresql"])
def test_celery_on_redis_withstands_kills(engine) -> None:
    withstand(engine, "celery", _broker("DOUGONG_TEST_REDIS_URL"), first_wait=4, between=5.0)


@pytest.mark.amqp
@pytest.mark.timeout(150)
@pytest.mark.parametrize("dialect", ["postgresql"])
def test_celery_on_rabbitmq_withstands_kills(engine) -> None:
    withstand(engine, "celery", _broker("DOUGONG_TEST_AMQP_URL"), first_wait=4, between=5.0)


def _broker(variable: str) -> str:
    found = os.environ.get(variable, "")
    if not found:
        if os.environ.get("CI", "") not in ("", "0", "false"):
            pytest.fail(f"{variable} is not set, and CI skips nothing")
        pytest.skip(f"set {variable} to test with this broker")
    return found
