"""a house that approves deals, on each database"""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from dougong.base.clock import FixedClock
from dougong.features.accounts.work import work
from dougong.features.flows import inbox, service
from dougong.records import service as records
from dougong.storage.platform_tables import work_item
from dougong.testing.instances import read_bundles

BUNDLES = Path(__file__).parent / "bundles"
PEOPLE = (
    ("boss", "supervisor", None),
    ("lin", "supervisor", "boss"),
    ("zhang", "seller", "lin"),
    ("wang", "seller", "lin"),
    ("chen", "executive", "boss"),
    ("chu", "executive", "boss"),
    ("zhou", "finance", "boss"),
    ("admin", "", None),
    ("nil", "", "lin"),
)

LOCALES = {"chu": "zh-CN"}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(dt.datetime(2026, 11, 22, 2, 30, tzinfo=dt.UTC))


@pytest.fixture
def make(instances, system_layer, dialect, clock):
    """Make an instance with the deals and their people; `changes` are texts by path that replace the bundle's."""
    made = []

    def make_(changes: dict[str, str] | None = None):
        layers = {**system_layer, **read_bundles(BUNDLES)}
        layers["deals"] = {**layers["deals"], **(changes or {})}
        engine = instances.make(layers, dialect=dialect, clock=clock)
        made.append(engine)
        with work(engine, reason="people for a test") as ctx:
            ids: dict[str, str] = {}
            for login, role, superior in PEOPLE:
                values = {
                    "login": login,
                    "name": login.capitalize(),
                    "is_administrator": login == "admin",
                    "locale": LOCALES.get(login, "en"),
                }
                user = records.create(ctx, "user", {**values, "superior": ids.get(superior or "")}).id
                ids[login] = user
                if role:
                    records.create(ctx, "role_assignment", {"user": user, "role": role})
        return engine

    yield make_
    for engine in made:
        instances.drop(engine)


@pytest.fixture
def engine(make):
    return make()


class House:
    """The house as its people use it."""

    def __init__(self, engine) -> None:
        self.engine = engine
        with work(engine, reason="look") as ctx:
            found = records.list(ctx, "user").records
            self.ids = {each["login"]: each.id for each in found if each["login"]}
        self.names = {key: login for login, key in self.ids.items()}

    @contextmanager
    def as_(self, login: str, *, write: bool = True):
        with work(self.engine, login=login, write=write, door="test") as ctx:
            yield ctx

    def deal(self, login: str = "zhang", **values) -> str:
        """A deal somebody wrote down."""
        with self.as_(login) as ctx:
            return records.create(ctx, "deal", {"name": "D", "amount": 1000, **values}).id

    def submitted(self, login: str = "zhang", **values) -> str:
        """A deal that was submitted; its id."""
        deal = self.deal(login, **values)
        self.submit(deal, login)
        return deal

    def submit(self, deal: str, login: str = "zhang") -> None:
        with self.as_(login) as ctx:
            records.transition(ctx, "deal", deal, "submit", last_write=True)

    def waiting(self, login: str, state: str = "open") -> list:
        with self.as_(login, write=False) as ctx:
            return list(inbox.page(ctx, state=state).entries)

    def act(self, login: str, verb: str, item: str | None = None, **more):
        """Do something with the one work item that waits for somebody."""
        with self.as_(login) as ctx:
            if item is None:
                (entry,) = inbox.page(ctx, state="mine" if verb in ("withdraw", "remind") else "open").entries
                item = entry.id
            return service.act(ctx, item, verb, **more)

    def status(self, deal: str) -> str:
        with work(self.engine, reason="look") as ctx:
            return records.get(ctx, "deal", deal)["status"]

    def get(self, deal: str):
        with work(self.engine, reason="look") as ctx:
            return records.get(ctx, "deal", deal)

    def who(self) -> set[str]:
        """Who has something open."""
        with work(self.engine, reason="look") as ctx:
            found = ctx.connection.execute(
                sa.select(work_item.c.assignee).where(work_item.c.state == "open").distinct()
            )
            return {self.names[each] for each in found.scalars()}


@pytest.fixture
def house(engine) -> House:
    return House(engine)


@pytest.fixture
def open_house(make):
    """Open a house whose bundle has other texts at some paths."""
    return lambda changes: House(make(changes))
