"""a shop behind the real application, and people who call it"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from argon2 import PasswordHasher

from dougong.base.clock import FixedClock
from dougong.features.accounts import passwords, tokens
from dougong.features.accounts import service as accounts
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.testing.caller import Caller
from dougong.testing.instances import read_bundles
from dougong.web import app as web
from dougong.web import sign_in

PASSWORD = "correct horse"
PEOPLE = (
    ("ann", "north", "seller"),
    ("bob", "south", "seller"),
    ("eve", "head", "chief"),
    ("nil", "north", ""),
    ("admin", "head", ""),
)


@dataclass(frozen=True)
class Person:
    """Somebody, with a token."""

    login: str
    id: str
    token: str
    unit: str


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands until a test moves it."""
    return FixedClock(dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC))


@pytest.fixture
def shop(instances, system_layer, dialect, clock, here):
    """An instance with the shop's objects: head office > north, south; people in each, all with a token."""
    folder = here.parent / "records" / "shop"
    made = instances.make({**system_layer, **read_bundles(folder)}, dialect=dialect, clock=clock)
    yield made
    instances.drop(made)


@pytest.fixture
def people(shop) -> dict[str, Person]:
    """The people of the shop, by login."""
    found = {}
    with work(shop, reason="people for a test") as ctx:
        head = records.create(ctx, "unit", {"name": "Head office", "code": "head"}).id
        units = {"head": head}
        for code in ("north", "south"):
            values = {"name": code.capitalize(), "code": code, "parent": head}
            units[code] = records.create(ctx, "unit", values).id
        for login, unit, role in PEOPLE:
            user = accounts.create_user(
                ctx,
                login=login,
                name=login.capitalize(),
                locale="en",
                is_administrator=login == "admin",
                roles=[role] if role else [],
                units=[units[unit]],
            )
            _, secret = tokens.create(ctx, user.id, name="test")
            found[login] = Person(login, user.id, secret, units[unit])
    return found


@pytest.fixture
def app(shop):
    """The application of the shop."""
    return web.create_app(shop)


@pytest.fixture
def as_(app, people):
    """Give a caller for a person: `as_("ann").get("records/customer")`."""
    return lambda login: Caller(app, people[login].token if login else None)


@pytest.fixture
def product(shop) -> str:
    """A product that everyone may see."""
    with work(shop, reason="a product for a test") as ctx:
        return records.create(ctx, "product", {"name": "Pen", "price": "2.50"}).id


@pytest.fixture
def browser(app, shop, people):
    """Give a signed-in browser of a person: a client with the cookie, and its CSRF token."""

    def open_(login: str) -> tuple[Any, str]:
        with work(shop, reason="a password for a test") as ctx:
            accounts.set_password(ctx, people[login].id, PASSWORD)
        session = accounts.sign_in(shop, login=login, password=PASSWORD)
        client = app.test_client()
        client.set_cookie(sign_in.COOKIE, session.secret, domain="localhost")
        return client, session.csrf

    return open_


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch):
    """Hash with little effort: these tests are not about how hard it is."""
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", hasher)
    monkeypatch.setattr(passwords, "_NOBODY", hasher.hash("nobody has this password"))
