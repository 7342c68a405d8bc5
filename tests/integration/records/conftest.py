"""a small shop with a few people, on each database"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from pathlib import Path

import pytest

from dougong.base.clock import FixedClock
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.testing.instances import read_bundles

SHOP = Path(__file__).parent / "shop"


@pytest.fixture
def engine(instances, system_layer, dialect):
    """An instance with the shop's objects: head office > north, south; people in each."""
    clock = FixedClock(dt.datetime(2026, 11, 22, 2, 30, tzinfo=dt.UTC))
    made = instances.make({**system_layer, **read_bundles(SHOP)}, dialect=dialect, clock=clock)
    with work(made, reason="people for a test") as ctx:
        head = records.create(ctx, "unit", {"name": "Head office", "code": "head"}).id
        north = records.create(ctx, "unit", {"name": "North", "code": "north", "parent": head}).id
        south = records.create(ctx, "unit", {"name": "South", "code": "south", "parent": head}).id
        for login, unit, role in (
            ("ann", north, "seller"),
            ("bob", south, "seller"),
            ("eve", head, "chief"),
            ("boss", north, "chief"),
            ("cleo", south, "clerk"),
            ("admin", head, ""),
            ("nil", north, ""),
        ):
            values = {"login": login, "name": login.capitalize(), "is_administrator": login == "admin"}
            user = records.create(ctx, "user", values).id
            records.create(ctx, "membership", {"user": user, "unit": unit, "main": True})
            if role:
                records.create(ctx, "role_assignment", {"user": user, "role": role})
    yield made
    instances.drop(made)


@pytest.fixture
def as_user(engine):
    """Open a unit of work as somebody."""

    @contextmanager
    def open_(login: str, *, write: bool = True):
        with work(engine, login=login, write=write, door="test") as ctx:
            yield ctx

    return open_


@pytest.fixture
def product(engine) -> str:
    """A product that everyone may see."""
    with work(engine, reason="a product for a test") as ctx:
        return records.create(ctx, "product", {"name": "Pen", "price": "2.50"}).id


@pytest.fixture
def three_customers(engine, as_user) -> dict[str, str]:
    """One customer of Ann's, one of Bob's, one of nobody's."""
    made = {}
    owners = {}
    for login in ("ann", "bob"):
        with as_user(login, write=False) as ctx:
            owners[login] = ctx.actor.id
    with work(engine, reason="customers for a test") as ctx:
        for login in ("ann", "bob", "nobody"):
            values = {"name": f"{login.capitalize()}'s", "owner": owners.get(login), "credit": "10"}
            made[login] = records.create(ctx, "customer", values).id
    return made
