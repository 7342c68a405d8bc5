"""a shop behind its pages, and people who are signed in"""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from dougong.features.accounts import service as accounts
from dougong.features.accounts import sessions
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.testing.instances import read_bundles
from dougong.web import sign_in
from dougong.web.app import create_app

TOKEN = re.compile(r'name="csrf-token" content="([^"]*)"')


@pytest.fixture
def shop(instances, system_layer, here, dialect):
    """An instance with the shop's objects, on each database."""
    made = instances.make({**system_layer, **read_bundles(here.parent / "records" / "shop")}, dialect=dialect)
    yield made
    instances.drop(made)


@pytest.fixture
def app(shop):
    """The application of the shop."""
    return create_app(shop)


class Window:
    """A browser without script: follows forms with their token."""

    def __init__(self, app: Any, secret: str, csrf: str) -> None:
        self.client = app.test_client()
        self.client.set_cookie(sign_in.COOKIE, secret)
        self.csrf = csrf

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def text(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, fields: dict[str, Any], *, token: bool = True) -> Any:
        return self.client.post(path, data={**fields, **({"csrf_token": self.csrf} if token else {})})


@pytest.fixture
def window(app, shop):
    """Give a window for a login, who is made with some roles where they are not there yet."""

    def open_window(login: str, *roles: str, administrator: bool = False, **more: Any) -> Window:
        with work(shop, reason="people for a test") as ctx:
            found = records.list(ctx, "user", records.Query(where=f'login == "{login}"')).records
            values = {"locale": "en", "timezone": "Asia/Shanghai", **more}
            user = (
                found[0]
                if found
                else accounts.create_user(
                    ctx, login=login, name=login.title(), roles=roles, is_administrator=administrator, **values
                )
            )
            session = sessions.start(ctx.connection, user.id, ctx.now())
        return Window(app, session.secret, session.csrf)

    return open_window


@pytest.fixture
def counted(shop):
    """Say how many statements a call sends."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    sa.event.listen(shop.database.engine, "before_cursor_execute", note)

    def count(call: Any) -> int:
        call()
        sent.clear()
        call()
        return len([each for each in sent if not each.startswith(("BEGIN", "COMMIT", "ROLLBACK"))])

    yield count
    sa.event.remove(shop.database.engine, "before_cursor_execute", note)
