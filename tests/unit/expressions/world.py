"""a small world for expressions to stand in: orders with lines, customers, users and units"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from dougong.expressions.check import check
from dougong.expressions.evaluate import evaluate
from dougong.expressions.parse import parse
from dougong.expressions.setting import Setting
from dougong.expressions.tree import Node, Value
from dougong.expressions.types import BOOLEAN, CODES, DATE, MOMENT, TEXT, WHOLE, Type, children, number, record

ME, BOSS = "01a00000-0000-7000-8000-000000000001", "01a00000-0000-7000-8000-000000000002"
NORTH, SOUTH = "01b00000-0000-7000-8000-000000000001", "01b00000-0000-7000-8000-000000000002"

FIELDS: Mapping[str, Mapping[str, Type]] = {
    "order": {
        "id": record("order"),
        "title": TEXT,
        "code": TEXT,
        "amount": number(2),
        "paid": number(2),
        "rate": number(4),
        "share": number(6),
        "vast": WHOLE,
        "pieces": WHOLE,
        "due": DATE,
        "begun": DATE,
        "placed": MOMENT,
        "closed": BOOLEAN,
        "customer": record("customer"),
        "owner": record("user"),
        "tags": CODES,
        "lines": children("line"),
    },
    "line": {
        "id": record("line"),
        "parent": record("order"),
        "label": TEXT,
        "price": number(2),
        "quantity": WHOLE,
        "discount": number(4),
        "due": DATE,
        "done": BOOLEAN,
        "product": record("product"),
    },
    "product": {"id": record("product"), "name": TEXT, "weight": number(3), "parts": children("part")},
    "part": {"id": record("part"), "parent": record("product"), "price": number(2)},
    "customer": {
        "id": record("customer"),
        "name": TEXT,
        "credit": number(3),
        "since": DATE,
        "seen": MOMENT,
        "active": BOOLEAN,
        "owner": record("user"),
        "tags": CODES,
        "orders": children("order"),
    },
    "user": {
        "id": record("user"),
        "name": TEXT,
        "unit": record("unit"),
        "units": CODES,
        "roles": CODES,
        "limit": number(2),
        "boss": record("user"),
        "skills": children("part"),
    },
    "unit": {"id": record("unit"), "name": TEXT},
}


class World:
    """The scope of the fields above."""

    def type_of(self, object_name: str, field: str) -> Type | None:
        return FIELDS[object_name].get(field)

    def names(self, object_name: str) -> Iterable[str]:
        return FIELDS[object_name]


class Held:
    """A record made of plain values; a lookup holds the record it leads to, or only its id."""

    def __init__(self, **values: Any) -> None:
        self.values = values

    def get(self, names: tuple[str, ...]) -> Value:
        value = self.values.get(names[0])
        if len(names) > 1:
            return value.get(names[1:]) if isinstance(value, Held) else None
        return value.values["id"] if isinstance(value, Held) else value

    def children(self, names: tuple[str, ...]) -> Iterable[Held]:
        value = self.values.get(names[0])
        if len(names) > 1:
            return value.children(names[1:]) if isinstance(value, Held) else ()
        return value or ()


SETTING = Setting(
    today=dt.date(2026, 11, 22),
    now=dt.datetime(2026, 11, 22, 2, 29, 28, 123999, tzinfo=dt.UTC),
    zone="Asia/Shanghai",
    me={
        (): ME,
        ("name",): "Ada",
        ("unit",): NORTH,
        ("unit", "name"): lambda: "North",
        ("units",): (NORTH, SOUTH),
        ("roles",): (),
        ("limit",): Decimal("1000.00"),
        ("boss",): None,
        ("boss", "unit"): None,
    },
)


def checked(text: str, object_name: str | None = "order", expect: Type | None = None) -> Node:
    """Parse and check an expression."""
    return check(parse(text), World(), object_name, expect=expect)


def value(text: str, **values: Any) -> Value:
    """Give the value of an expression for an order of these values."""
    return evaluate(checked(text), Held(**values), SETTING)
