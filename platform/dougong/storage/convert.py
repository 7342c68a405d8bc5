"""values of one field type into values of another, in batches"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from dougong.base.errors import InvalidValue
from dougong.base.sql_types import Key
from dougong.definitions.kinds.object import Field
from dougong.sdk.field_type import Reading, Showing
from dougong.storage.database import GATE
from dougong.storage.shapes import physical_column

BATCH = 2000


@dataclass(frozen=True)
class Conversion:
    """From a field as it was to the field as it will be. The first column of each has no suffix."""

    was: Field
    now: Field
    was_columns: tuple[str, ...]
    columns: tuple[str, ...]

    def count(self, connection: sa.Connection, table: str) -> int:
        """Count the values that can be read as the new type. Writes nothing."""
        source = self._table(table, "id")
        old = [source.c[name] for name in self.was_columns]
        rows = connection.execute(sa.select(*old).where(old[0].is_not(None)), execution_options=dict(GATE))
        return sum(1 for row in rows if self.value(row) is not None)

    def carry_out(self, connection: sa.Connection, table: str, key: str, *, after: Any = None) -> Any:
        """Fill the new columns of one batch of rows; give its last key, or None when there is no more."""
        source = self._table(table, key)
        old = [source.c[name] for name in self.was_columns]
        statement = sa.select(source.c[key], *old).where(old[0].is_not(None), source.c[self.columns[0]].is_(None))
        if after is not None:
            statement = statement.where(source.c[key] > after)
        rows = connection.execute(statement.order_by(source.c[key]).limit(BATCH), execution_options=dict(GATE)).all()
        read = [(row[0], self.value(row[1:])) for row in rows]
        values = [
            {"p_key": identity, **{f"p_{name}": one for name, one in zip(self.columns, found, strict=True)}}
            for identity, found in read
            if found is not None
        ]
        if values:
            update = source.update().where(source.c[key] == sa.bindparam("p_key"))
            update = update.values({name: sa.bindparam(f"p_{name}") for name in self.columns})
            connection.execute(update, values, execution_options=dict(GATE))
        return rows[-1][0] if rows else None

    def value(self, stored: Sequence[Any]) -> tuple[Any, ...] | None:
        """Read one stored value as the new type; None where it cannot be."""
        if self.now.type.lookup() is not None and self.now.type.lookup() != self.was.type.lookup():
            return None
        value = self.was.type.restore(stored)
        for text in _texts(self.was, value):
            try:
                return self.now.type.store(self.now.type.read_cell(text, Reading()))
            except (InvalidValue, ValueError, ArithmeticError):
                continue
        return None

    def _table(self, table: str, key: str) -> Any:
        types = {**_types(self.was, self.was_columns[0]), **_types(self.now, self.columns[0])}
        names = (*self.was_columns, *self.columns)
        columns = [sa.column(name, types.get(name, sa.Text())) for name in names]
        return sa.table(table, sa.column(key, Key() if key == "id" else sa.BigInteger()), *columns)


@dataclass(frozen=True)
class Backfill(Conversion):
    """Further columns of the same field, from its value."""

    def value(self, stored: Sequence[Any]) -> tuple[Any, ...] | None:
        """Split the stored value again, and take the columns that are new."""
        split = self.now.type.store(self.now.type.restore([stored[at] if at >= 0 else None for at in self._sources]))
        return tuple(split[at] for at in self._targets)

    @cached_property
    def _names(self) -> list[str]:
        """The columns of the type, in its order."""
        return list(_types(self.now, self.was_columns[0]))

    @cached_property
    def _sources(self) -> list[int]:
        """Where each column of the type stands among those that are stored; -1 for those that are not."""
        return [self.was_columns.index(name) if name in self.was_columns else -1 for name in self._names]

    @cached_property
    def _targets(self) -> list[int]:
        """Where the new columns stand among those of the type."""
        return [self._names.index(name) for name in self.columns]

    def _table(self, table: str, key: str) -> Any:
        types = {**_types(self.was, self.was_columns[0]), **_types(self.now, self.was_columns[0])}
        columns = [sa.column(name, types.get(name, sa.Text())) for name in (*self.was_columns, *self.columns)]
        return sa.table(table, sa.column(key, Key() if key == "id" else sa.BigInteger()), *columns)


def _types(field: Field, first: str) -> dict[str, sa.types.TypeEngine[Any]]:
    """Give the column types of a field by physical name, in the order of its type."""
    return {physical_column(first, column.suffix): column.type for column in field.type.columns()}


def _texts(field: Field, value: Any) -> Iterator[str]:
    """Say a value as text, as an export would, then as people see it."""
    cell = field.type.write_cell(value)
    match cell:
        case str():
            yield cell
        case bool():
            yield "true" if cell else "false"
        case dt.date():
            yield cell.isoformat()
        case decimal.Decimal():
            yield format(cell, "f")
        case int():
            yield str(cell)
        case _:
            pass
    yield field.type.format(value, Showing())
