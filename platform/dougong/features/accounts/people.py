"""the managed objects user, membership and role_assignment, as this feature's own statements see them

Who someone is must be known before there is a context, so these few statements read business tables beside the gate.
They write none: users, units and roles are changed through `records`, like everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dougong.base.sql_types import Key
from dougong.catalog.model import Catalog

_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "active": sa.Boolean(),
    "is_administrator": sa.Boolean(),
    "main": sa.Boolean(),
}
_KEYS = frozenset({"id", "user", "unit", "superior"})


@dataclass(frozen=True)
class People:
    """The three tables, with their columns by field name; a field that an installation lacks is null."""

    user: sa.FromClause
    membership: sa.FromClause
    role_assignment: sa.FromClause
    columns: dict[tuple[str, str], sa.ColumnElement[Any]]

    def column(self, object_name: str, field: str) -> sa.ColumnElement[Any]:
        """Give a field's column."""
        return self.columns[object_name, field]


_FIELDS = {
    "user": ("id", "login", "name", "locale", "timezone", "superior", "is_administrator", "active"),
    "membership": ("id", "user", "unit", "main"),
    "role_assignment": ("id", "user", "role"),
}


def of(catalog: Catalog) -> People:
    """Give the tables under the names that this installation chose."""
    return catalog.memo(_build)


def _build(catalog: Catalog) -> People:
    columns: dict[tuple[str, str], sa.ColumnElement[Any]] = {}
    tables: dict[str, sa.FromClause] = {}
    for name, fields in _FIELDS.items():
        known = catalog.object(name).fields
        here = {field: catalog.physical.column(name, field) for field in fields if field in known}
        table = sa.table(catalog.physical.table(name), *(sa.column(each, _type(field)) for field, each in here.items()))
        tables[name] = table
        for field in fields:
            columns[name, field] = table.c[here[field]] if field in here else sa.null()
    return People(tables["user"], tables["membership"], tables["role_assignment"], columns)


def _type(field: str) -> sa.types.TypeEngine[Any]:
    return Key() if field in _KEYS else _TYPES.get(field, sa.Text())
