"""run benchmarks by their names, on one database or both"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from dougong.base import settings as settings_module
from dougong.base.errors import NotFound
from dougong.base.names import hint_for
from dougong.base.text import Message
from dougong.testing.bench import approvals, cases, servers
from dougong.testing.bench.cases import ASKS, Result, Sides
from dougong.testing.bench.measure import Client
from dougong.testing.bench.places import loaded

ROWS = 100_000
MANY = 1_000_000
USUAL = (*ASKS, "approve", "add_field", "memory", "import", "start")
NAMES = (*USUAL, "list_rights")
"""`list_rights` runs where it is named, or with a million rows: it takes long to load."""
DATABASES = ("postgresql", "sqlite")

Say = Callable[[str], None]


def run(
    names: Sequence[str] = (), *, rows: int = ROWS, databases: Iterable[str] = (), say: Say = lambda text: None
) -> Iterator[Result]:
    """Measure, and give each figure as it comes."""
    for name in names:
        if name not in NAMES:
            hint = hint_for(name, NAMES)
            raise NotFound(Message("there is no benchmark '{name}'; {hint}", name=name, hint=hint, code="no_benchmark"))
    wanted = tuple(names) or (USUAL if rows < MANY else NAMES)
    for database in tuple(databases) or DATABASES:
        if database == "postgresql" and not settings_module.read().test_postgres_url:
            say("DOUGONG_TEST_POSTGRES_URL is not set: nothing is measured on PostgreSQL")
            continue
        yield from _on(database, wanted, rows, say)


def _on(database: str, wanted: Sequence[str], rows: int, say: Say) -> Iterator[Result]:
    usual = [name for name in wanted if name in USUAL]
    if usual:
        say(f"{database}: loading {rows} customers into both sides")
        with loaded(database, rows) as both:
            if set(usual) - {"import", "start"}:
                with (
                    servers.dougong(both.settings) as ours,
                    servers.floor(both.floor_url) as floor,
                    Client() as client,
                ):
                    yield from _asked(Sides(both, client, ours, floor), usual, say)
            if "import" in usual:
                say(f"{database}: import")
                yield cases.import_(both, rows)
            if "start" in usual:
                say(f"{database}: start")
                yield cases.start(both)
    if "list_rights" in wanted:
        many = max(rows, MANY) if rows == ROWS else rows
        say(f"{database}: list_rights, loading {many} customers")
        yield from cases.list_rights(database, many)


def _asked(sides: Sides, usual: Sequence[str], say: Say) -> Iterator[Result]:
    for name in usual:
        if name in ASKS:
            for clients in (1, 4):
                say(f"{sides.both.database}: {name} with {clients} client{'s' * (clients > 1)}")
                yield sides.compare(name, clients)
    if "approve" in usual:
        say(f"{sides.both.database}: approve, with {approvals.WAITING} work items waiting")
        yield from approvals.run(sides)
    if "memory" in usual:
        yield cases.memory(sides)
    if "add_field" in usual:
        say(f"{sides.both.database}: add_field")
        yield cases.add_field(sides)
