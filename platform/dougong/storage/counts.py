"""how many records and values a plan touches"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from dougong.storage.database import GATE


class Counts:
    """Counts in one connection, each once."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection.execution_options(**GATE)
        self._tables: frozenset[str] | None = None
        self._known: dict[tuple[str, ...], int] = {}

    def has_table(self, table: str) -> bool:
        """Whether there is such a table, ours or not."""
        if self._tables is None:
            self._tables = frozenset(sa.inspect(self.connection).get_table_names())
        return table in self._tables

    def rows(self, table: str) -> int:
        """Count the records of a table."""
        return self._count((table,), sa.select(sa.func.count()).select_from(sa.table(table)))

    def values(self, table: str, column: str) -> int:
        """Count the values of a column that are not blank."""
        counted = sa.func.count(sa.column(column))
        return self._count((table, column), sa.select(counted).select_from(sa.table(table)))

    def clashes(self, table: str, columns: Sequence[str]) -> int:
        """Count the values that occur more than once."""
        group: list[sa.ColumnElement[Any]] = [sa.column(name) for name in columns]
        twice = (
            sa.select(*group)
            .select_from(sa.table(table))
            .where(*(each.is_not(None) for each in group))
            .group_by(*group)
            .having(sa.func.count() > 1)
            .subquery()
        )
        return self._count((table, "clashes", *columns), sa.select(sa.func.count()).select_from(twice))

    def _count(self, key: tuple[str, ...], statement: sa.Select[Any]) -> int:
        if key not in self._known:
            self._known[key] = int(self.connection.execute(statement).scalar_one())
        return self._known[key]
