"""the same people and customers for both sides, loaded in bulk"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import random
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from dougong.base.names import new_id
from dougong.catalog.model import Catalog
from dougong.engine import Engine
from dougong.features.accounts import service as accounts
from dougong.features.accounts.work import work
from dougong.features.bundles import instance
from dougong.features.bundles import service as bundles
from dougong.records import service as records
from dougong.storage import platform_tables
from dougong.testing.bench import floor

USERS = 100
UNITS = 10
ADMINISTRATOR = "token-administrator"
BUNDLES = Path(__file__).with_name("bundle")
START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
TEXT = "Lorem ipsum dolor sit amet. " * 8

Place = Callable[[int], tuple[str | None, str | None]]
"""Whose the customer of a number is: owner and unit."""


@dataclass(frozen=True)
class People:
    """Ids of users and units, by their number."""

    users: Sequence[str]
    units: Sequence[str]

    def place(self, number: int) -> tuple[str, str]:
        """Give owner and unit of a customer: user 7 has the customers 7, 107, 207 …"""
        user = number % USERS
        return self.users[user], self.units[user % UNITS]


def customer_id(number: int) -> str:
    """Give the id of a customer, the same on both sides."""
    return str(uuid.UUID(int=10**9 + number))


def customers(count: int) -> Iterator[dict[str, Any]]:
    """Make customers, the same ones each time."""
    chance = random.Random(7)  # noqa: S311 -- invented data
    for number in range(count):
        yield {
            "id": customer_id(number),
            "code": f"C{number:07}",
            "name": f"Customer {number}",
            "email": f"c{number}@example.com",
            "phone": "+8613800000000",
            "segment": chance.choice(("SMB", "MID", "ENT")),
            "since": START.date(),
            "last_contact": START - dt.timedelta(minutes=chance.randrange(10**6)),
            "credit_limit": chance.randrange(10**7),
            "employees": chance.randrange(5000),
            "active": True,
            "notes": TEXT,
            "website": "https://example.com",
            "city": f"City {number % 50}",
        }


# The floor.


def floor_people() -> People:
    """Give the floor's people."""
    return People(
        [str(uuid.UUID(int=1000 + number)) for number in range(USERS)],
        [str(uuid.UUID(int=1 + number)) for number in range(UNITS)],
    )


def fill_floor(url: str, count: int) -> None:
    """Make and fill the floor's database."""
    engine = floor.connect(url)
    held = floor.tables(is_sqlite=url.startswith("sqlite"))
    held.metadata.create_all(engine)
    people = floor_people()
    users = [
        {"id": uuid.UUID(user), "unit": uuid.UUID(people.units[number % UNITS]), "token": digest(f"token-{number}")}
        for number, user in enumerate(people.users)
    ]
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.execute(sa.insert(held.user), users)
        names = floor.COLUMNS
        is_sqlite = engine.dialect.name == "sqlite"
        rows = (_floor_row(each, people.place(number), is_sqlite) for number, each in enumerate(customers(count)))
        _copy(connection, "customer", names, rows)
    _settle(engine)
    engine.dispose()


def _floor_row(each: Mapping[str, Any], place: tuple[str, str], is_sqlite: bool) -> tuple[Any, ...]:  # noqa: FBT001
    row = {**each, "version": 1, "owner": place[0], "unit": place[1], "updated_at": START.replace(tzinfo=None)}
    row["last_contact"] = row["last_contact"].replace(tzinfo=None)
    if not is_sqlite:
        row["credit_limit"] = f"{row['credit_limit'] / 100:.2f}"
        return tuple(row[name] for name in floor.COLUMNS)
    for name in ("last_contact", "updated_at"):
        row[name] = row[name].isoformat(" ", "microseconds")
    for name in ("id", "owner", "unit"):
        row[name] = row[name].replace("-", "")
    row["since"] = row["since"].isoformat()
    return tuple(row[name] for name in floor.COLUMNS)


# Dougong.


def fill(
    engine: Engine, count: int, *, extra: Sequence[str] = (), place: Callable[[People], Place] | None = None
) -> People:
    """Make the instance of the bench and fill it."""
    folders = [engine.settings.definitions / "system", BUNDLES / "bench", *(BUNDLES / name for name in extra)]
    instance.prepare(engine, bundles.read_layers(folders))
    with work(engine, write=True, reason="bench") as ctx:
        units = [
            records.create(ctx, "unit", {"name": f"Unit {number}", "code": f"U{number}"}).id for number in range(UNITS)
        ]
        users = [
            accounts.create_user(
                ctx,
                login=f"user{number}",
                name=f"User {number}",
                roles=("salesperson",),
                units=(units[number % UNITS],),
            ).id
            for number in range(USERS)
        ]
        boss = accounts.create_user(ctx, login="boss", name="Boss", is_administrator=True).id
        tokens = {ADMINISTRATOR: boss, **{f"token-{number}": user for number, user in enumerate(users)}}
        ctx.connection.execute(
            sa.insert(platform_tables.token),
            [
                {"id": new_id(), "hash": digest(secret), "user": user, "name": "bench", "created_at": ctx.now()}
                for secret, user in tokens.items()
            ],
        )
        people = People(users, units)
        fill_customers(engine.database.dialect, ctx.catalog, ctx.connection, count, (place or _usual)(people))
    _settle(engine.database.engine)
    return people


def _usual(people: People) -> Place:
    return people.place


def fill_customers(dialect: str, catalog: Catalog, connection: sa.Connection, count: int, place: Place) -> None:
    """Write customers around the gate: what is measured is not the loading."""
    physical = catalog.physical
    change = new_id()
    boss = customer_id(0)
    insert = sa.insert(platform_tables.change)
    connection.execute(insert, {"id": change, "at": START, "actor": boss, "reason": "bench", "door": "system"})
    names = ("id", "version", "owner", "unit", "created_at", "created_by", "updated_at", "updated_by", *floor.FIELDS)
    columns = [physical.column("customer", name) for name in names]

    def rows() -> Iterator[tuple[Any, ...]]:
        for number, each in enumerate(customers(count)):
            owner, unit = place(number)
            row = {**each, "version": 1, "owner": owner, "unit": unit, "created_at": START, "created_by": boss}
            row |= {"updated_at": START, "updated_by": boss}
            tokens = f" {each['code'].lower()} customer {number} "
            yield (*(_stored(dialect, name, row[name]) for name in names), change, tokens)

    _copy(connection, physical.table("customer"), (*columns, "_change", "_tokens"), rows())


def _stored(dialect: str, name: str, value: Any) -> Any:
    if dialect == "postgresql":
        return f"{value / 100:.2f}" if name == "credit_limit" else value
    match value:
        case dt.datetime():
            return value.replace(tzinfo=None).isoformat(" ", "milliseconds")
        case dt.date():
            return value.isoformat()
        case _:
            return value


# Both.


def digest(secret: str) -> str:
    """Give what is kept of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _copy(connection: sa.Connection, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    quoted = ", ".join(f'"{name}"' for name in names)
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        driver.executemany(f'INSERT INTO "{table}" ({quoted}) VALUES ({marks})', rows)  # noqa: S608 -- names are ours
        return
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table}" ({quoted}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def _settle(engine: sa.Engine) -> None:
    """Let PostgreSQL learn what was loaded now, and not in the middle of a measurement."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
            connection.exec_driver_sql("CHECKPOINT")


def write_csv(path: Path, count: int) -> None:
    """Write the file that the import reads: 15 columns."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*floor.FIELDS, "vat_number", "rating"])
        for number, each in enumerate(customers(count)):
            row = {**each, "credit_limit": f"{each['credit_limit'] / 100:.2f}", "active": "true"}
            row["last_contact"] = each["last_contact"].isoformat().replace("+00:00", "Z")
            writer.writerow([*(row[name] for name in floor.FIELDS), f"DE{number:09}", number % 101])
