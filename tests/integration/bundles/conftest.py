"""the CRM with its demo data, on each database; made once for all tests that only read"""

from __future__ import annotations

import datetime as dt
import os
from contextlib import contextmanager

import pytest

from dougong.base.clock import FixedClock
from dougong.cli import seed as seed_command
from dougong.features.accounts.work import work
from dougong.features.bundles import instance
from dougong.testing.instances import CHECKOUT, read_bundles

METADATA = CHECKOUT / "metadata"


@pytest.fixture(scope="session")
def now() -> dt.datetime:
    return dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC)


def _made(instances, sort, now, *, seeded):
    if sort == "postgresql" and not instances.postgres_url:
        if os.environ.get("CI", "") not in ("", "0", "false"):
            pytest.fail("DOUGONG_TEST_POSTGRES_URL is not set, and CI skips nothing")
        pytest.skip("set DOUGONG_TEST_POSTGRES_URL to test on PostgreSQL too")
    engine = instances.make(read_bundles(METADATA), dialect=sort, clock=FixedClock(now))
    instance.set_setting(engine, "demo", "1")
    if seeded:
        seed_command.load(engine, demo=True)
    return engine


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demo(request, instances, now):
    """A demo instance as `make demo` leaves it; its tests leave it as it is."""
    engine = _made(instances, request.param, now, seeded=True)
    yield engine
    instances.drop(engine)


@pytest.fixture
def empty(instances, now):
    """The same definitions without any data, on SQLite."""
    engine = _made(instances, "sqlite", now, seeded=False)
    yield engine
    instances.drop(engine)


@pytest.fixture
def as_user(demo):
    """Open a unit of work as somebody of the demo, and roll it back."""

    class Enough(Exception):
        pass

    @contextmanager
    def open_(login: str):
        try:
            with work(demo, login=login, write=True, door="test") as ctx:
                yield ctx
                raise Enough
        except Enough:
            pass

    return open_
