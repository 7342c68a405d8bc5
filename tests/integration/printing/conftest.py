"""contracts with lines, and people who print them"""

from __future__ import annotations

from pathlib import Path

import pytest

from dougong.features.accounts import service as accounts
from dougong.features.accounts import sessions
from dougong.features.accounts.work import work
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


@pytest.fixture
def clerk(trade):
    """Somebody who prints their own contracts, without what is sensitive."""
    return _person(trade, "lin", "林晓", ["trade_clerk"])


def _person(trade, login, name, roles):
    with work(trade, reason="people for a test") as ctx:
        return accounts.create_user(ctx, login=login, name=name, roles=roles, locale="zh-CN", timezone="Asia/Shanghai")


@pytest.fixture
def contract(trade, clerk):
    """A contract of the clerk with many lines."""
    with work(trade, reason="a contract for a test") as ctx:
        values = {"name": "上海晨光贸易有限公司", "city": "上海", "tax_number": "TAX-SECRET"}
        buyer = records.create(ctx, "buyer", values)
        wares = [records.create(ctx, "ware", {"name": f"钢管 {n}", "code": f"W-{n}"}) for n in range(3)]
        items = [{"ware": wares[n % 3].id, "note": f"note {n}", "quantity": 2, "price": "10.25"} for n in range(60)]
        values = {
            "name": "年度供货合同 <b>&", "number": "C-2026-0001", "buyer": buyer.id, "amount": "1230.00",
            "margin": "777.77", "signed_on": "2026-03-01", "terms": "第一条\n第二条", "items": items, "owner": clerk.id,
        }  # fmt: skip
        return records.create(ctx, "contract", values)


@pytest.fixture
def caller(trade):
    """Give a caller of pages and API for a person."""
    app = create_app(trade)

    def of(user_id):
        with work(trade, reason="a session for a test") as ctx:
            session = sessions.start(ctx.connection, user_id, ctx.now())
        client = app.test_client()
        client.set_cookie(sign_in.COOKIE, session.secret)
        client.csrf = session.csrf
        return client

    return of
