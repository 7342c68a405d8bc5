"""what is measured: requests to both sides in turn, and what only Dougong does"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from dougong import engine as engines
from dougong.engine import Engine
from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.records.query import Query
from dougong.testing.bench import load, servers
from dougong.testing.bench.measure import Client, Times, answer, request
from dougong.testing.bench.places import Both, loaded
from dougong.web.app import create_app

API = "/api/v1/records/customer"
BLOCKS = 10


@dataclass(frozen=True)
class Result:
    """One figure, beside its floor."""

    name: str
    database: str
    clients: int
    p50_ms: float | None = None
    p99_ms: float | None = None
    floor_p50_ms: float | None = None
    floor_p99_ms: float | None = None
    statements: int | None = None
    more: tuple[tuple[str, float | int | str], ...] = ()

    @property
    def ratio(self) -> float | None:
        """How many times the floor's median it takes."""
        if self.p50_ms is None or not self.floor_p50_ms:
            return None
        return self.p50_ms / self.floor_p50_ms

    def as_data(self) -> dict[str, Any]:
        """Give it as JSON, by contracts section 6."""
        ratio = self.ratio
        return {
            "name": self.name,
            "database": self.database,
            "clients": self.clients,
            "ratio": None if ratio is None else round(ratio, 2),
            "p50_ms": _rounded(self.p50_ms),
            "p99_ms": _rounded(self.p99_ms),
            "floor_p50_ms": _rounded(self.floor_p50_ms),
            "floor_p99_ms": _rounded(self.floor_p99_ms),
            "statements": self.statements,
            **dict(self.more),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


@dataclass(frozen=True)
class Ask:
    """One request to both sides, for the customer of a number."""

    dougong: Callable[[int], bytes]
    floor: Callable[[int], bytes] | None
    each: int = 40
    """Requests of one client in a block."""


def _body(number: int) -> bytes:
    return json.dumps(
        {
            "code": f"N{number:07}",
            "name": f"New customer {number}",
            "email": f"n{number}@example.com",
            "phone": "+8613800000000",
            "segment": "MID",
            "since": "2026-11-01",
            "last_contact": "2026-11-01T10:00:00Z",
            "credit_limit": "1280.50",
            "employees": number % 5000,
            "active": True,
            "notes": load.TEXT,
            "website": "https://example.com",
            "city": "Berlin",
        }
    ).encode()


def _token(number: int) -> str:
    return f"token-{number % load.USERS}"


def _changed(number: int) -> bytes:
    return json.dumps({"city": "Changed", "employees": number % 4999 + 5000}).encode()


_FILTER = quote('segment == "ENT"')

ASKS = {
    "read": Ask(
        lambda n: request("GET", f"{API}/{load.customer_id(n)}", _token(n)),
        lambda n: request("GET", f"/customer/{load.customer_id(n)}", _token(n)),
    ),
    "list": Ask(
        lambda n: request("GET", f"{API}?where={_FILTER}&sort=-last_contact&limit=25", _token(n)),
        lambda n: request("GET", "/customer?segment=ENT&sort=-last_contact&limit=25", _token(n)),
    ),
    "create": Ask(
        lambda n: request("POST", API, _token(n), _body(n)),
        lambda n: request("POST", "/customer", _token(n), _body(n)),
    ),
    "update": Ask(
        lambda n: request("PATCH", f"{API}/{load.customer_id(n)}", _token(n), _changed(n), If_Match='"1"'),
        lambda n: request("PATCH", f"/customer/{load.customer_id(n)}", _token(n), _changed(n), If_Match='"1"'),
    ),
    "report": Ask(
        lambda n: request("GET", "/api/v1/reports/customers_by_segment", _token(n)),
        lambda n: request("GET", "/report", _token(n)),
        each=5,
    ),
    "page": Ask(lambda n: request("GET", "/o/customer", _token(n)), None, each=15),
}
"""The requests, by the name of their case. `page` is the list as HTML."""


class Sides:
    """Both servers of one database, asked in turn."""

    def __init__(self, both: Both, client: Client, dougong: servers.Server, floor: servers.Server) -> None:
        self.both = both
        self.client = client
        self.dougong = dougong
        self.floor = floor
        self._numbers = {"dougong": count(), "floor": count()}

    def compare(self, name: str, clients: int) -> Result:
        """Send blocks of requests to both sides in turn, so that whatever else the machine does meets both."""
        ask = ASKS[name]
        ours, theirs = Times(), Times()
        for block in range(BLOCKS + 1):
            # The first block warms connections, plans and caches.
            mine = self._block("dougong", self.dougong.port, ask.dougong, ask.each, clients)
            his = self._block("floor", self.floor.port, ask.floor, ask.each, clients) if ask.floor else []
            if block:
                ours.each += mine
                theirs.each += his
        statements = self._statements(name) if clients == 1 else None
        floor = (theirs.p50, theirs.p99) if theirs.each else (None, None)
        return Result(name, self.both.database, clients, ours.p50, ours.p99, floor[0], floor[1], statements)

    def _block(self, side: str, port: int, ask: Callable[[int], bytes], each: int, clients: int) -> list[float]:
        numbers = self._numbers[side]
        requests = [[ask(next(numbers) * 7919 % self.both.rows) for _ in range(each)] for _ in range(clients)]
        return self.client.send(port, requests)

    def _statements(self, name: str) -> int:
        """Count what one request sends to the database, in an application of our own."""
        engine = engines.open_engine(self.both.settings)
        with engine_closed(engine):
            app = create_app(engine)
            sent: list[str] = []
            sa.event.listen(engine.database.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
            for _ in range(3):
                sent.clear()
                self._send(app, ASKS[name].dougong(next(self._numbers["dougong"]) * 7919 % self.both.rows))
            return len(sent)

    @staticmethod
    def _send(app: Any, message: bytes) -> None:
        head, _, body = message.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, path, _ = first.split(" ")
        headers = [tuple(line.split(": ", 1)) for line in lines]
        answered = app.test_client().open(path, method=method, headers=headers, data=body)
        if answered.status_code >= 300:
            raise RuntimeError(f"{answered.status} {answered.get_data(as_text=True)[:300]}")


@contextmanager
def engine_closed(engine: Engine) -> Iterator[None]:
    """Close an engine at the end."""
    try:
        yield
    finally:
        engine.close()


# What has no floor.


def memory(sides: Sides) -> Result:
    """Say how much memory a web worker takes after all that was asked: its proportional share (PSS)."""
    found = max(_pss(process) for process in sides.dougong.workers())
    theirs = max(_pss(process) for process in sides.floor.workers())
    return Result("memory", sides.both.database, 0, more=(("pss_mib", found), ("floor_pss_mib", theirs)))


def _pss(process: int) -> float:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024, 1)


def start(both: Both) -> Result:
    """Say how long `dougong serve` takes to its first page."""
    times = Times()
    for _ in range(3):
        with servers.dougong(both.settings) as server:
            times.each.append(server.started * 1000)
    return Result("start", both.database, 1, times.p50, max(times.each))


def add_field(sides: Sides, again: int = 5) -> Result:
    """Add fields to the live table; the time is that of the apply and of the slowest first use in any process."""
    applied, used = Times(), Times()
    port = sides.dougong.port
    for number in range(again):
        name = f"x_added_{number}"
        started = time.perf_counter()
        _apply(port, {f"patches/customer_{n}.yaml": _patch(f"x_added_{n}") for n in range(number + 1)})
        applied.each.append((time.perf_counter() - started) * 1000)
        firsts = []
        for each in range(4 * servers.WORKERS):
            started = time.perf_counter()
            message = request("GET", f"{API}/{load.customer_id(each)}?fields={name}", _token(each))
            status, body = answer(port, message)
            firsts.append((time.perf_counter() - started) * 1000)
            if status != 200:
                raise RuntimeError(f"the new field is not there: {status} {body!r}")
        used.each.append(max(firsts))
    both = Times([first + second for first, second in zip(applied.each, used.each, strict=True)])
    more = (("apply_ms", round(applied.p50, 1)), ("first_use_ms", round(used.p50, 1)))
    return Result("add_field", sides.both.database, 1, both.p50, max(both.each), more=more)


def _apply(port: int, site: dict[str, str]) -> None:
    body = json.dumps({"layers": {"site": site}}).encode()
    status, answered = answer(port, request("POST", "/api/v1/definitions/apply", load.ADMINISTRATOR, body))
    if status != 200:
        raise RuntimeError(f"the field was not added: {status} {answered!r}")


def _patch(name: str) -> str:
    return (
        f"kind: patch\nname: {name}\npatches: object/customer\n"
        f"change:\n  fields:\n    - {{name: {name}, type: text, label: {{en: {name}, zh-CN: {name}}}}}\n"
    )


def import_(both: Both, rows: int) -> Result:
    """Import a CSV file of 15 columns by the product's own command."""
    path = both.settings.home / "prospects.csv"
    load.write_csv(path, rows)
    command = [sys.executable, "-m", "dougong", "import", "prospect", str(path), "--json"]
    started = time.perf_counter()
    process = subprocess.Popen(command, env=servers.environment(both.settings), stdout=subprocess.DEVNULL)  # noqa: S603
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the import ended with {process.returncode}")
    more = (
        ("rows_per_second", round(rows / seconds)),
        ("peak_mib", round(used.ru_maxrss / 1024, 1)),
        ("cpu_seconds", round(used.ru_utime + used.ru_stime, 1)),
    )
    return Result("import", both.database, 1, seconds * 1000, more=more)


# Rights.


def list_rights(sort: str, rows: int) -> Iterator[Result]:
    """List under rights that reach all, 1 % and 40 of many rows, sorted two ways: the time in the database."""
    with loaded(sort, rows, with_floor=False, extra=("bench_rights",), place=_by_reach) as both:
        engine = engines.open_engine(both.settings)
        with engine_closed(engine):
            with work(engine, write=True, reason="bench") as ctx:
                records.create(ctx, "role_assignment", {"user": both.people.users[0], "role": "overseer"})
            for who, login in (("all", "user0"), ("1%", "user1"), ("40", "user2")):
                for order in ("-last_contact", "-credit_limit"):
                    times = _in_database(engine, login, Query(sort=(order,), limit=25))
                    more = (("reach", who), ("sort", order))
                    yield Result("list_rights", sort, 1, times.p50, max(times.each), more=more)


def _by_reach(people: load.People) -> load.Place:
    """User 1 sees one row in a hundred by their unit, user 2 forty as their owner; the rest is nobody's of theirs."""

    def place(number: int) -> tuple[str | None, str | None]:
        if number % 100 == 1:
            return people.users[11], people.units[1]
        if number % 25_000 == 2:
            return people.users[2], None
        return people.users[3], people.units[3]

    return place


def _in_database(engine: Engine, login: str, query: Query) -> Times:
    times = Times()
    begun: list[float] = []
    total: list[float] = []
    database = engine.database.engine
    sa.event.listen(database, "before_cursor_execute", before := lambda *given: begun.append(time.perf_counter()))
    sa.event.listen(
        database, "after_cursor_execute", after := lambda *given: total.append(time.perf_counter() - begun.pop())
    )
    for _ in range(12):
        with work(engine, write=False, login=login) as ctx:
            total.clear()
            started = time.perf_counter()
            page = records.list(ctx, "customer", query)
            # SQLite computes while rows are fetched: there, everything counts.
            spent = time.perf_counter() - started if ctx.dialect == "sqlite" else sum(total)
            times.each.append(spent * 1000)
            if len(page.records) != query.limit:
                raise RuntimeError(f"{login} sees {len(page.records)} customers")
    sa.event.remove(database, "before_cursor_execute", before)
    sa.event.remove(database, "after_cursor_execute", after)
    times.each = times.each[2:]
    return times
