"""deciding on work items, among many that wait: beside the same written by hand"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from dougong import engine as engines
from dougong.base.names import new_id
from dougong.context import Context
from dougong.engine import Engine
from dougong.features.accounts.work import work
from dougong.features.flows import service as flows
from dougong.records import service as records
from dougong.storage.platform_tables import flow_instance, work_item
from dougong.testing.bench import floor, load
from dougong.testing.bench.cases import BLOCKS, Result, Sides, engine_closed
from dougong.testing.bench.measure import Times, request

EACH = 20
"""So many decisions are made in a block."""
INBOX_EACH = 40
WAITING = 100_000
"""So many work items wait for others meanwhile."""
AT_ONCE = 5_000


def run(sides: Sides) -> Iterator[Result]:
    """Measure a decision, and the inbox of one person."""
    ours, theirs = _prepared(sides), _floor_prepared(sides)
    decided, by_hand, listed, list_by_hand = Times(), Times(), Times(), Times()
    for block in range(BLOCKS + 1):
        some = slice(block * EACH, (block + 1) * EACH)
        mine = sides.client.send(
            sides.dougong.port,
            [[request("POST", f"/api/v1/inbox/{each}/approve", _token(at)) for at, each in ours[some]]],
        )
        his = sides.client.send(
            sides.floor.port, [[request("POST", f"/approve/{each}", _token(at)) for at, each in theirs[some]]]
        )
        seen = sides.client.send(
            sides.dougong.port,
            [[request("GET", "/api/v1/inbox?limit=20", _token(at)) for at in range(INBOX_EACH)]],
        )
        seen_by_hand = sides.client.send(
            sides.floor.port, [[request("GET", "/inbox", _token(at)) for at in range(INBOX_EACH)]]
        )
        if block:
            for times, found in ((decided, mine), (by_hand, his), (listed, seen), (list_by_hand, seen_by_hand)):
                times.each += found
    more = (("waiting", WAITING),)
    sort = sides.both.database
    yield Result("approve", sort, 1, decided.p50, decided.p99, by_hand.p50, by_hand.p99, more=more)
    yield Result("inbox", sort, 1, listed.p50, listed.p99, list_by_hand.p50, list_by_hand.p99, more=more)


def _token(number: int) -> str:
    return f"token-{number % load.USERS}"


def _prepared(sides: Sides) -> list[tuple[int, str]]:
    """Submit what will be decided on, and let many others wait; the number of the person and the work item of each."""
    engine = engines.open_engine(sides.both.settings)
    with engine_closed(engine):
        count = (BLOCKS + 1) * EACH
        users = sides.both.people.users
        for start in range(0, count, 50):
            with work(engine, reason="bench") as ctx:
                for number in range(start, min(start + 50, count)):
                    first, second = users[number % load.USERS], users[(number + 1) % load.USERS]
                    values = {"name": f"Application {number}", "amount": number * 10, "first": first, "second": second}
                    made = records.create(ctx, "application", values)
                    flows.start(ctx, "application_approval", made.id, applicant=second)
        with work(engine, reason="bench") as ctx:
            rows = ctx.connection.execute(sa.select(work_item.c.id, work_item.c.assignee).order_by(work_item.c.id))
            known = {user: number for number, user in enumerate(users)}
            found = [(known[row.assignee], str(row.id)) for row in rows]
        _many(engine)
        return found


def _many(engine: Engine) -> None:
    """Let many work items of nobody's wait, as copies of one."""
    with work(engine, reason="bench") as ctx:
        item = ctx.connection.execute(sa.select(work_item).limit(1)).one()._asdict()
        whole = sa.select(flow_instance).where(flow_instance.c.id == item["instance"])
        instance = ctx.connection.execute(whole).one()._asdict()
        others = [new_id() for _ in range(1000)]
        for start in range(0, WAITING, AT_ONCE):
            _copies(ctx, item, instance, others, start)
    if engine.database.dialect == "postgresql":
        with engine.database.autocommit() as connection:
            connection.exec_driver_sql("ANALYZE")


def _copies(ctx: Context, item: dict[str, Any], instance: dict[str, Any], others: list[str], start: int) -> None:
    items, instances = [], []
    for number in range(start, start + AT_ONCE):
        instances.append({**instance, "id": new_id(), "record": new_id()})
        same = {"instance": instances[-1]["id"], "record": instances[-1]["record"]}
        items.append({**item, **same, "id": new_id(), "assignee": others[number % len(others)]})
    ctx.connection.execute(flow_instance.insert(), instances)
    ctx.connection.execute(work_item.insert(), items)


def _floor_prepared(sides: Sides) -> list[tuple[int, str]]:
    """The same for the floor."""
    engine = floor.connect(sides.both.floor_url)
    held = floor.tables(is_sqlite=sides.both.floor_url.startswith("sqlite"))
    held.metadata.create_all(engine)
    people = load.floor_people()
    found = []
    rows = []
    for number in range((BLOCKS + 1) * EACH + WAITING):
        is_ours = number < (BLOCKS + 1) * EACH
        user = uuid.UUID(people.users[number % load.USERS]) if is_ours else uuid.UUID(int=5000 + number % 1000)
        record = uuid.UUID(load.customer_id(number % sides.both.rows))
        rows.append({"id": uuid.UUID(int=10**12 + number), "customer": record, "assignee": user, "state": "open"})
        if is_ours:
            found.append((number % load.USERS, str(rows[-1]["id"])))
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        for start in range(0, len(rows), AT_ONCE):
            connection.execute(sa.insert(held.work_item), rows[start : start + AT_ONCE])
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    return found
