"""the world of the unit tests as tables, with rows in which much is blank or at a boundary"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from dougong.base.sql_types import Codes, ExactDecimal, Key, Moment
from dougong.expressions.types import Type
from tests.unit.expressions.world import BOSS, FIELDS, ME, NORTH, SOUTH, Held

_TYPES: Mapping[str, type[sa.types.TypeEngine[Any]]] = {
    "text": sa.Text, "boolean": sa.Boolean, "date": sa.Date, "moment": Moment, "record": Key, "codes": Codes,
}  # fmt: skip

METADATA = sa.MetaData()


def _sql_type(object_name: str, field: str, kind: Type) -> sa.types.TypeEngine[Any]:
    if kind.sort != "number":
        return _TYPES[kind.sort]()
    if field in ("pieces", "quantity"):
        return sa.Integer()
    if field == "vast":
        return sa.BigInteger()
    # `paid` is known to be small, so that SQLite may compute with plain integers; the others are not.
    return ExactDecimal(kind.scale, 10 if field == "paid" else 18)


def _table(object_name: str) -> sa.Table:
    kinds = FIELDS[object_name]
    columns = [
        sa.Column(name, _sql_type(object_name, name, kind), primary_key=name == "id")
        for name, kind in kinds.items()
        if kind.sort != "children"
    ]
    return sa.Table(f"d_{object_name}", METADATA, *columns)


TABLES: Mapping[str, sa.Table] = {name: _table(name) for name in FIELDS}


class JoinedColumns:
    """The columns of one table and of those its lookups lead to; inside lines, lookups are scalar subqueries."""

    def __init__(
        self, object_name: str, *, joins: list[Any] | None = None, of: JoinedColumns | None = None, on: str = ""
    ) -> None:
        self.object_name = object_name
        self.table = TABLES[object_name].alias()
        self.joins = joins
        self.followed: dict[str, JoinedColumns] = {}
        if of is not None and joins is not None:
            joins.append((self.table, self.table.c.id == of.table.c[on]))

    def column(self, names: tuple[str, ...]) -> Any:
        if len(names) == 1:
            return self.table.c[names[0]]
        if self.joins is not None:
            return self.follow(names[0]).column(names[1:])
        inner = JoinedColumns(self.target(names[0]))
        query = sa.select(inner.column(names[1:])).where(inner.table.c.id == self.table.c[names[0]])
        return query.correlate_except(inner.table).scalar_subquery()

    def children(self, names: tuple[str, ...]) -> tuple[sa.FromClause, Any, JoinedColumns]:
        standing = self
        for name in names[:-1]:
            standing = standing.follow(name)
        kind = FIELDS[standing.object_name][names[-1]]
        lines = JoinedColumns(str(kind.object))
        back = "customer" if names[-1] == "orders" else "parent"
        return lines.table, lines.table.c[back] == standing.table.c.id, lines

    def follow(self, name: str) -> JoinedColumns:
        if name not in self.followed:
            self.followed[name] = JoinedColumns(self.target(name), joins=self.joins, of=self, on=name)
        return self.followed[name]

    def target(self, name: str) -> str:
        return str(FIELDS[self.object_name][name].object)

    def source(self) -> sa.FromClause:
        source: sa.FromClause = self.table
        for table, on in self.joins or []:
            source = source.outerjoin(table, on)
        return source


def _key(sort: str, place: int) -> str:
    return f"01c0000{sort}-0000-7000-8000-{place:012d}"


_TEXTS = [
    "a",
    "A",
    "b",
    "Zebra",
    "zebra",
    "Ärger",
    "ärger",
    " spaced ",
    "斗拱",
    "斗",
    "%",
    "_",
    "a%b",
    "'",
    "Blue Bird",
    "\U0001f600",
    "é",
    "ß",
]
_AMOUNTS = [
    "0.00",
    "0.01",
    "-0.01",
    "0.05",
    "1.00",
    "-1.00",
    "2.50",
    "3.00",
    "10.00",
    "99.99",
    "-100.00",
    "1234.56",
    "12345678.90",
]
_RATES = ["0.0000", "0.0001", "0.5000", "-0.5000", "1.0000", "0.3333", "7.5000", "-12.3456"]
_SHARES = ["0.000000", "0.000001", "0.333333", "-0.666667", "1.000000", "0.500000", "123.456789"]
_DATES = [
    "2024-02-29",
    "2025-12-31",
    "2026-01-31",
    "2026-03-29",
    "2026-03-31",
    "2026-10-25",
    "2026-11-21",
    "2026-11-22",
    "2026-11-23",
    "1999-12-31",
]
_MOMENTS = [
    "2026-03-29T00:30:00.000Z", "2026-03-29T01:30:00.123Z", "2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.999Z",
    "2026-11-21T15:59:59.999Z", "2026-11-21T16:00:00.000Z", "2026-11-22T02:29:28.123Z", "2026-11-22T22:59:59.999Z",
    "2026-11-22T23:00:00.000Z", "2026-11-01T05:30:00.000Z", "2026-11-01T06:30:00.000Z", "2024-02-29T12:00:00.000Z",
]  # fmt: skip
_CODES = [("a",), ("a", "b"), ("b", "Zebra"), ("斗拱",), ("'", "%")]
_BLANK = 0.25


class _Rows:
    """Random rows, the same ones each time."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 # not for secrets
        self.users = [ME, BOSS]

    def value(self, field: str, kind: Type) -> Any:
        """Draw one value, often blank."""
        if kind.sort == "boolean":
            return self.random.random() < 0.5
        if self.random.random() < _BLANK:
            return None
        match kind.sort:
            case "number":
                return self.number(field, kind.scale)
            case "date":
                return dt.date.fromisoformat(self.random.choice(_DATES))
            case "moment":
                return dt.datetime.fromisoformat(self.random.choice(_MOMENTS))
            case "codes":
                return self.random.choice(_CODES)
            case "record":
                return self.random.choice(self.ids(str(kind.object)))
        return self.random.choice(_TEXTS)

    def number(self, field: str, scale: int) -> Any:
        if field == "vast":
            return self.random.choice([0, 1, -1, 10**17, 10**18 - 1, 1 - 10**18, 123456789012345678])
        if scale == 0:
            return self.random.choice([0, 1, -1, 2, 3, 7, 12, 100, -400])
        drawn = Decimal(self.random.choice(_AMOUNTS if scale <= 3 else _RATES if scale == 4 else _SHARES))
        return drawn / 10 if scale == 3 else drawn

    def ids(self, object_name: str) -> Sequence[str]:
        match object_name:
            case "user":
                return [ME, BOSS]
            case "unit":
                return [NORTH, SOUTH]
        counts = {"order": 48, "customer": 8, "product": 5, "line": 110, "part": 12}
        return [_key(f"{list(counts).index(object_name)}", place) for place in range(counts[object_name])]

    def rows(self, object_name: str) -> list[dict[str, Any]]:
        return [
            {
                name: key if name == "id" else self.value(name, kind)
                for name, kind in FIELDS[object_name].items()
                if kind.sort != "children"
            }
            for key in self.ids(object_name)
        ]


def make_rows(seed: int = 28) -> dict[str, list[dict[str, Any]]]:
    """Draw rows for all tables."""
    drawn = _Rows(seed)
    return {name: drawn.rows(name) for name in FIELDS}


def make_records(rows: Mapping[str, list[dict[str, Any]]]) -> list[Held]:
    """Make orders of the rows, as the evaluator reaches them."""
    held = {(name, row["id"]): Held(**row) for name, several in rows.items() for row in several}
    for (object_name, _), record in held.items():
        for field, kind in FIELDS[object_name].items():
            if kind.sort == "record" and field != "id" and record.values[field] is not None:
                record.values[field] = held[str(kind.object), record.values[field]]
            if kind.sort == "children":
                back = "customer" if field == "orders" else "parent"
                mine = [row["id"] for row in rows[str(kind.object)] if row.get(back) == record.values["id"]]
                record.values[field] = [held[str(kind.object), key] for key in mine]
    return [record for (object_name, _), record in held.items() if object_name == "order"]
