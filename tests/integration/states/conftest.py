"""deals that go from draft to archived, with a few people, on each database"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from pathlib import Path

import pytest

from dougong.base.clock import FixedClock
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.testing.instances import read_bundles

DEALS = Path(__file__).parents[2] / "golden" / "bundles" / "states"
PEOPLE = (("ann", "seller"), ("eve", "chief"), ("tom", "auditor"), ("admin", ""))


@pytest.fixture
def clock():
    """A clock that stands until a test moves it."""
    return FixedClock(dt.datetime(2026, 11, 22, 2, 30, tzinfo=dt.UTC))


@pytest.fixture
def engine(instances, system_layer, dialect, clock):
    """An instance with deals and the people who make, approve and audit them."""
    made = instances.make({**system_layer, **read_bundles(DEALS)}, dialect=dialect, clock=clock)
    with work(made, reason="people for a test") as ctx:
        for login, role in PEOPLE:
            values = {"login": login, "name": login.capitalize(), "is_administrator": login == "admin"}
            user = records.create(ctx, "user", values).id
            if role:
                records.create(ctx, "role_assignment", {"user": user, "role": role})
    yield made
    instances.drop(made)


@pytest.fixture
def as_user(engine):
    """Open a unit of work as somebody."""

    @contextmanager
    def open_(login: str, *, door: str = "test"):
        with work(engine, login=login, door=door) as ctx:
            yield ctx

    return open_


@pytest.fixture
def as_system(engine):
    """Open a unit of work as the system."""

    @contextmanager
    def open_():
        with work(engine, reason="a test") as ctx:
            yield ctx

    return open_


@pytest.fixture
def deal(as_user):
    """Make a deal of Ann's in a state, and give its id."""

    def make(status: str = "draft", **values: object) -> str:
        with as_user("ann") as ctx:
            given = {"name": "Ten pens", "amount": "10", "signed_on": "2026-11-20", **values}
            made = records.create(ctx, "deal", given).id
        ways = {"pending": ["submit"], "returned": ["submit", "give_back"]}
        ways |= {"approved": ["submit", "approve"], "archived": ["submit", "approve", "archive"]}
        for name in ways.get(status, []):
            with as_user("eve") as ctx:
                who = ctx.as_system("lead a deal on") if name == "approve" else ctx
                records.transition(who, "deal", made, name, last_write=True)
        return made

    return make
