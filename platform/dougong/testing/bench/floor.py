"""the floor: one known table by hand in Flask and SQLAlchemy, as a careful programmer would write it

A token looked up in the database in the opening statement, the row rule (mine, or my unit's) in every statement,
values validated, an optimistic version, the whole row to the history and an entry to the outbox in the same
transaction, orjson. Dougong is measured as a ratio to this: same machine, same run, same number of workers.
"""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import re
import uuid
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from flask import Flask, Response, abort, request

PLAIN = (
    ("code", sa.Text), ("name", sa.Text), ("email", sa.Text), ("phone", sa.Text), ("segment", sa.Text),
    ("since", sa.Date), ("last_contact", sa.DateTime),
)  # fmt: skip
REST = (
    ("employees", sa.Integer), ("active", sa.Boolean), ("notes", sa.Text), ("website", sa.Text), ("city", sa.Text),
)  # fmt: skip
SYSTEM = (("version", sa.Integer), ("owner", sa.Uuid), ("unit", sa.Uuid), ("updated_at", sa.DateTime))
FIELDS = (*(name for name, _ in PLAIN), "credit_limit", *(name for name, _ in REST))
COLUMNS = ("id", *FIELDS, *(name for name, _ in SYSTEM))
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
SEGMENTS = frozenset({"SMB", "MID", "ENT"})
CENTS = 100


@dataclass(frozen=True)
class Tables:
    """The floor's tables."""

    metadata: sa.MetaData
    user: sa.Table
    customer: sa.Table
    history: sa.Table
    outbox: sa.Table
    work_item: sa.Table
    event: sa.Table


def tables(*, is_sqlite: bool) -> Tables:
    """Make the tables; money is counted in cents on SQLite, so that it is exact."""
    metadata = sa.MetaData()
    money = ("credit_limit", sa.BigInteger if is_sqlite else sa.Numeric(18, 2))

    def columns() -> list[sa.Column[Any]]:
        return [sa.Column(name, kind) for name, kind in (*PLAIN, money, *REST, *SYSTEM)]

    return Tables(
        metadata,
        sa.Table(
            "user", metadata,
            sa.Column("id", sa.Uuid, primary_key=True), sa.Column("unit", sa.Uuid),
            sa.Column("token", sa.Text, unique=True),
        ),
        sa.Table(
            "customer", metadata, sa.Column("id", sa.Uuid, primary_key=True), *columns(),
            sa.Index("ix_owner_contact", "owner", "last_contact"), sa.Index("ix_unit_contact", "unit", "last_contact"),
        ),
        sa.Table(
            "customer_history", metadata,
            sa.Column("n", sa.Integer, primary_key=True), sa.Column("id", sa.Uuid, index=True), *columns(),
            sa.Column("actor", sa.Uuid), sa.Column("op", sa.Text),
        ),
        sa.Table(
            "outbox", metadata,
            sa.Column("n", sa.Integer, primary_key=True), sa.Column("topic", sa.Text), sa.Column("record", sa.Uuid),
        ),
        sa.Table(
            "work_item", metadata,
            sa.Column("id", sa.Uuid, primary_key=True), sa.Column("customer", sa.Uuid), sa.Column("assignee", sa.Uuid),
            sa.Column("state", sa.Text), sa.Column("opinion", sa.Text), sa.Column("done_at", sa.DateTime),
            sa.Index("ix_assignee", "assignee", "state", "id"),
        ),
        sa.Table(
            "event", metadata,
            sa.Column("n", sa.Integer, primary_key=True), sa.Column("work_item", sa.Uuid), sa.Column("actor", sa.Uuid),
            sa.Column("verb", sa.Text), sa.Column("at", sa.DateTime),
        ),
    )  # fmt: skip


def connect(url: str) -> sa.Engine:
    """Make the floor's engine."""
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_size=8)
    engine = sa.create_engine(url)

    @sa.event.listens_for(engine, "connect")
    def prepare(dbapi: Any, record: Any) -> None:
        dbapi.isolation_level = None
        for pragma in ("journal_mode=wal", "synchronous=normal", "busy_timeout=5000"):
            dbapi.execute(f"pragma {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        write = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


class Floor:
    """The work of the five requests."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self.engine = connect(url)
        self.tables = tables(is_sqlite=self.is_sqlite)

    def me(self, connection: sa.Connection) -> Any:
        """Look up who asks: the opening statement."""
        token = hashlib.sha256(request.headers.get("Authorization", "")[7:].encode()).hexdigest()
        user = self.tables.user
        return connection.execute(sa.select(user).where(user.c.token == token)).one_or_none() or abort(401)

    def branches(self, me: Any) -> tuple[sa.ColumnElement[bool], ...]:
        """Say which rows somebody may see: mine, and my unit's."""
        return self.tables.customer.c.owner == me.id, self.tables.customer.c.unit == me.unit

    def shown(self, row: Any) -> dict[str, Any]:
        """Give a row to JSON."""
        given = dict(zip(COLUMNS, row, strict=True))
        if given["credit_limit"] is not None and self.is_sqlite:
            given["credit_limit"] = decimal.Decimal(given["credit_limit"]) / CENTS
        return given

    def values(self, given: dict[str, Any], *, whole: bool) -> dict[str, Any]:
        """Validate what came."""
        if (whole and (not given.get("name") or "email" not in given)) or set(given) - set(FIELDS):
            abort(422)
        if "segment" in given and given["segment"] not in SEGMENTS:
            abort(422)
        if "email" in given and not EMAIL.fullmatch(given["email"]):
            abort(422)
        values = dict(given)
        if "since" in values:
            values["since"] = dt.date.fromisoformat(values["since"])
        if "last_contact" in values:
            values["last_contact"] = dt.datetime.fromisoformat(values["last_contact"])
        if "credit_limit" in values:
            amount = decimal.Decimal(values["credit_limit"])
            values["credit_limit"] = int(amount * CENTS) if self.is_sqlite else amount
        return values

    def note(self, connection: sa.Connection, me: Any, row: Any, op: str, topic: str) -> None:
        """Keep a row in the history and promise the event."""
        given = dict(zip(COLUMNS, row, strict=True))
        connection.execute(sa.insert(self.tables.history), {**given, "actor": me.id, "op": op})
        connection.execute(sa.insert(self.tables.outbox), {"topic": topic, "record": given["id"]})

    def rows(self) -> Response:
        """Give a sorted page: each branch by its own index, then the best of both."""
        asked, customer = request.args, self.tables.customer
        sort = asked.get("sort", "id")
        name, descending = sort.lstrip("-"), sort[0] == "-"
        most = min(int(asked.get("limit", 25)), 1000)
        if name not in COLUMNS:
            abort(400)

        def order(table: Any) -> tuple[Any, Any]:
            return (table.c[name].desc() if descending else table.c[name]), table.c.id

        with self.engine.connect() as connection:
            me = self.me(connection)
            wanted = [customer.c[key] == asked[key] for key in ("segment", "city") if key in asked]
            each = (
                sa.select(customer).where(mine, *wanted).order_by(*order(customer)).limit(most).subquery()
                for mine in self.branches(me)
            )
            best = sa.union(*(sa.select(branch) for branch in each)).subquery()
            found = connection.execute(sa.select(best).order_by(*order(best)).limit(most))
            return answer({"records": [self.shown(row) for row in found]})

    def read(self, record_id: uuid.UUID) -> Response:
        """Give one record."""
        customer = self.tables.customer
        with self.engine.connect() as connection:
            me = self.me(connection)
            mine = sa.or_(*self.branches(me))
            row = connection.execute(sa.select(customer).where(customer.c.id == record_id, mine)).one_or_none()
        return answer(self.shown(row)) if row else abort(404)

    def create(self) -> Response:
        """Create a record."""
        values, customer = self.values(request.get_json(), whole=True), self.tables.customer
        with self.engine.connect().execution_options(write=True) as connection, connection.begin():
            me = self.me(connection)
            system = {"id": uuid.uuid4(), "version": 1, "owner": me.id, "unit": me.unit, "updated_at": _now()}
            inserted = sa.insert(customer).returning(*customer.c)
            row = connection.execute(inserted, {**values, **system}).one()
            self.note(connection, me, row, "create", "customer.created")
        return answer(self.shown(row), 201)

    def update(self, record_id: uuid.UUID) -> Response:
        """Change a record whose version is known."""
        values, customer = self.values(request.get_json(), whole=False), self.tables.customer
        version = int(request.headers["If-Match"].strip('"'))
        with self.engine.connect().execution_options(write=True) as connection, connection.begin():
            me = self.me(connection)
            asked = sa.select(customer).where(customer.c.id == record_id, sa.or_(*self.branches(me)))
            before = connection.execute(asked.with_for_update()).one_or_none() or abort(404)
            if before.version != version:
                abort(412)
            self.note(connection, me, before, "update", "customer.updated")
            changed = sa.update(customer).where(customer.c.id == record_id)
            changed = changed.values(**values, version=version + 1, updated_at=_now())
            row = connection.execute(changed.returning(*customer.c)).one()
        return answer(self.shown(row))

    def approve(self, item_id: uuid.UUID) -> Response:
        """Decide on one work item: the next person is asked, or the customer is let go."""
        item, customer = self.tables.work_item, self.tables.customer
        with self.engine.connect().execution_options(write=True) as connection, connection.begin():
            me = self.me(connection)
            asked = sa.select(item).where(item.c.id == item_id, item.c.assignee == me.id)
            found = connection.execute(asked.with_for_update()).one_or_none() or abort(404)
            if found.state != "open":
                abort(409)
            row = connection.execute(sa.select(customer).where(customer.c.id == found.customer)).one()
            done = sa.update(item).where(item.c.id == item_id).values(state="done", done_at=_now())
            connection.execute(done)
            event = {"work_item": item_id, "actor": me.id, "verb": "approve", "at": _now()}
            connection.execute(sa.insert(self.tables.event), event)
            if row.employees % 2:
                following = {"id": uuid.uuid4(), "customer": row.id, "assignee": me.id, "state": "open"}
                connection.execute(sa.insert(item), following)
            connection.execute(sa.insert(self.tables.outbox), {"topic": "work_item.done", "record": item_id})
        return answer({"id": item_id, "state": "done", "customer": row.name})

    def inbox(self) -> Response:
        """List what waits for somebody."""
        item, customer = self.tables.work_item, self.tables.customer
        with self.engine.connect() as connection:
            me = self.me(connection)
            asked = sa.select(item.c.id, item.c.state, customer.c.name).join(customer, customer.c.id == item.c.customer)
            mine = asked.where(item.c.assignee == me.id, item.c.state == "open").order_by(item.c.id.desc()).limit(20)
            found = connection.execute(mine)
            return answer({"items": [{"id": row.id, "state": row.state, "name": row.name} for row in found]})

    def report(self) -> Response:
        """Count and sum by segment."""
        customer = self.tables.customer
        with self.engine.connect() as connection:
            mine = sa.or_(*self.branches(self.me(connection)))
            asked = sa.select(customer.c.segment, sa.func.count(), sa.func.sum(customer.c.credit_limit))
            found = connection.execute(asked.where(mine).group_by(customer.c.segment).order_by(customer.c.segment))
            return answer({"rows": [[name, count, str(total)] for name, count, total in found]})


def answer(value: Any, status: int = 200) -> Response:
    """Give a value as JSON."""
    return Response(orjson.dumps(value, default=str), status, mimetype="application/json")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)  # noqa: TID251 -- the floor has no context to ask


def make(url: str) -> Flask:
    """Build the application; gunicorn calls it as `dougong.testing.bench.floor:make('URL')`."""
    floor = Floor(url)
    app = Flask(__name__)
    app.add_url_rule("/customer", "rows", floor.rows)
    app.add_url_rule("/customer", "create", floor.create, methods=["POST"])
    app.add_url_rule("/customer/<uuid:record_id>", "read", floor.read)
    app.add_url_rule("/customer/<uuid:record_id>", "update", floor.update, methods=["PATCH"])
    app.add_url_rule("/report", "report", floor.report)
    app.add_url_rule("/approve/<uuid:item_id>", "approve", floor.approve, methods=["POST"])
    app.add_url_rule("/inbox", "inbox", floor.inbox)
    return app
