"""an instance with the platform's own objects, and a clock that stands"""

from __future__ import annotations

import datetime as dt

import pytest
from argon2 import PasswordHasher

from dougong.base.clock import FixedClock
from dougong.features.accounts import passwords


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands until a test moves it."""
    return FixedClock(dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC))


@pytest.fixture
def people_engine(instances, system_layer, dialect, clock):
    """An instance with nothing but the platform's own objects."""
    made = instances.make(system_layer, dialect=dialect, clock=clock)
    yield made
    instances.drop(made)


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch):
    """Hash with little effort: these tests are not about how hard it is."""
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", hasher)
    monkeypatch.setattr(passwords, "_NOBODY", hasher.hash("nobody has this password"))
