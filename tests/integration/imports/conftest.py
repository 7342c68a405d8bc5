"""contracts to import into, and people who may"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dougong.features.accounts import service as accounts
from dougong.features.accounts import sessions
from dougong.features.accounts.work import work
from dougong.jobs.worker import Worker
from dougong.records import service as records
from dougong.testing.instances import read_bundles
from dougong.web import sign_in
from dougong.web.app import create_app

TRADE = Path(__file__).parents[2] / "golden" / "bundles" / "printing"


@pytest.fixture
def trade(instances, system_layer, dialect):
    """An instance with contracts, on each database."""
    made = instances.make({**system_layer, **read_bundles(TRADE)}, dialect=dialect)
    yield made
    instances.drop(made)


class Window:
    """A browser without script."""

    def __init__(self, app, secret: str, csrf: str) -> None:
        self.client = app.test_client()
        self.client.set_cookie(sign_in.COOKIE, secret)
        self.csrf = csrf

    def get(self, path: str):
        return self.client.get(path)

    def post(self, path: str, fields: dict):
        return self.client.post(path, data={**fields, "csrf_token": self.csrf})


@pytest.fixture
def window(trade):
    """Give a window for a person who is made with some roles."""
    app = create_app(trade)

    def of(login: str, *roles: str, administrator: bool = False) -> Window:
        with work(trade, reason="people for a test") as ctx:
            user = accounts.create_user(
                ctx, login=login, name=login.title(), roles=roles, is_administrator=administrator, locale="en",
                timezone="Asia/Shanghai",
            )  # fmt: skip
            session = sessions.start(ctx.connection, user.id, ctx.now())
        return Window(app, session.secret, session.csrf)

    return of


@pytest.fixture
def carried(trade):
    """Carry out what was promised."""

    def run() -> None:
        worker = Worker(trade, schedules=False)
        worker.run_once()
        worker.join()

    return run


@pytest.fixture
def buyer(trade):
    """Somebody to buy."""
    with work(trade, reason="a buyer for a test") as ctx:
        return records.create(ctx, "buyer", {"name": "晨光"})


HREF = re.compile(r'href="([^"]+)"')
