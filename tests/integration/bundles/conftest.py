"""the bundles with their demo data, on each database; made once for all tests that take back what they do"""

from __future__ import annotations

import datetime as dt
import os
from contextlib import contextmanager
from dataclasses import replace

import pytest

from dougong.base.clock import FixedClock
from dougong.cli import seed as seed_command
from dougong.features.accounts.work import actor_of, work
from dougong.features.automation import buttons
from dougong.features.bundles import instance
from dougong.features.flows import inbox
from dougong.features.flows import service as flows
from dougong.records import service as records
from dougong.records.query import Query
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


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
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


class Company:
    """The people of the demo at work together, in one unit of work that is taken back."""

    def __init__(self, engine, ctx) -> None:
        self._engine, self._ctx = engine, ctx
        self.ids = {each["login"]: each.id for each in self.all("user") if each["login"]}

    def as_(self, login):
        """The unit of work in somebody's name."""
        ctx = self._ctx
        return replace(ctx, actor=actor_of(self._engine, ctx.connection, ctx.catalog, login=login), memos={})

    def all(self, object_name, where=None):
        """What there is, whoever may see it."""
        return records.list(self._ctx, object_name, Query(where=where, limit=1000)).records

    def one(self, object_name, where):
        (found,) = self.all(object_name, where)
        return found

    def customer_of(self, login):
        return self.all("customer", f'owner.login == "{login}"')[0].id

    def get(self, object_name, id_):
        return records.get(self._ctx, object_name, id_)

    def make(self, login, object_name, **values):
        return records.create(self.as_(login), object_name, values).id

    def change(self, login, object_name, id_, **values):
        return records.update(self.as_(login), object_name, id_, values, last_write=True)

    def go(self, login, object_name, id_, transition, **values):
        """Lead a record on by a transition."""
        return records.transition(self.as_(login), object_name, id_, transition, values, last_write=True)

    def press(self, login, object_name, id_, button, **inputs):
        return buttons.press(self.as_(login), object_name, id_, button, inputs, last_write=True)

    def offered(self, login, object_name, id_):
        """What somebody may press now."""
        ctx = self.as_(login)
        shown = buttons.offered(ctx, object_name, records.get(ctx, object_name, id_))
        return {each.name for each in shown if each.reason_not is None}

    def waiting(self, login, id_):
        """The work item of a record that waits for somebody."""
        entries = [each for each in inbox.page(self.as_(login), state="open").entries if each.record == id_]
        return entries[0].id if entries else None

    def decide(self, login, id_, verb, opinion=None):
        """Do something with the work item of a record that waits for somebody."""
        return flows.act(self.as_(login), self.waiting(login, id_), verb, opinion=opinion)


@pytest.fixture
def company(demo):
    """The people of the demo, and all they do; it is rolled back."""

    class Enough(Exception):
        pass

    try:
        with work(demo, write=True, door="test", reason="a test") as ctx:
            yield Company(demo, ctx)
            raise Enough
    except Enough:
        pass
