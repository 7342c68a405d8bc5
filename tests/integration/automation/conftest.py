"""leads with buttons and automations, a seller and a clerk, on each database"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from pathlib import Path

import pytest

from dougong.base.clock import FixedClock
from dougong.features.accounts.work import work
from dougong.jobs.worker import Worker
from dougong.records import service as records
from dougong.testing.instances import read_bundles

CRM = Path(__file__).parents[2] / "golden" / "bundles" / "automation"


@pytest.fixture
def clock():
    """A clock that stands until a test moves it."""
    return FixedClock(dt.datetime(2026, 11, 22, 2, 30, tzinfo=dt.UTC))


@pytest.fixture
def layers(system_layer):
    """What is installed."""
    return {**system_layer, **read_bundles(CRM)}


@pytest.fixture
def engine(instances, layers, dialect, clock):
    """An instance with leads, and the people who work on them."""
    made = instances.make(layers, dialect=dialect, clock=clock)
    with work(made, reason="people for a test") as ctx:
        for login, role in (("ann", "seller"), ("cleo", "clerk"), ("admin", "")):
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
    def open_(login: str):
        with work(engine, login=login, door="test") as ctx:
            yield ctx

    return open_


@pytest.fixture
def carry_out(engine):
    """Carry out what was promised, and say how much that was."""
    worker = Worker(engine, schedules=False)
    yield worker.run_once
    worker.stop()
