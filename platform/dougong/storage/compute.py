"""stored formulas, computed for the records that are there"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

import sqlalchemy as sa

from dougong.base.errors import Conflict
from dougong.base.sql_types import Key
from dougong.base.text import Message
from dougong.catalog.expressions import formula_of, reading_of
from dougong.catalog.model import Catalog
from dougong.expressions import numbers
from dougong.expressions.errors import Overflow
from dougong.expressions.evaluate import evaluate
from dougong.expressions.operands import Element
from dougong.expressions.setting import Setting
from dougong.expressions.to_sql import DialectName, overflowed, to_column, to_sql
from dougong.expressions.tree import Node, Path, walk
from dougong.storage.convert import BATCH
from dougong.storage.database import GATE
from dougong.storage.shapes import physical_column

_NO_MATTER_WHEN = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""A stored formula asks neither the clock nor who looks: the checks of definitions see to it."""


def meaning(catalog: Catalog, object_name: str, field_name: str) -> str:
    """Say in a few letters what gives a field its value: its formula and those it reads, down to columns."""
    return catalog.memo(_meaning, object_name, field_name)


def _meaning(catalog: Catalog, object_name: str, field_name: str) -> str:
    kind = catalog.object(object_name).field(field_name).type
    said: list[object] = [kind.computed_by(), kind.expression_type()]
    if kind.computed_by() is None:
        said += [catalog.physical.column(object_name, field_name), kind.value_column()]
    said += [(name, meaning(catalog, object_name, name)) for name in _reads(catalog, object_name, field_name)]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def sources(catalog: Catalog, object_name: str, field_name: str) -> frozenset[str]:
    """Give the physical columns that a formula is computed from, also by way of other formulas."""
    return catalog.memo(_sources, object_name, field_name)


def _sources(catalog: Catalog, object_name: str, field_name: str) -> frozenset[str]:
    kind = catalog.object(object_name).field(field_name).type
    if kind.computed_by() is None:
        return frozenset(_columns(catalog, object_name, field_name))
    read = _reads(catalog, object_name, field_name)
    return frozenset().union(*(sources(catalog, object_name, name) for name in read))


def _reads(catalog: Catalog, object_name: str, field_name: str) -> list[str]:
    """Name the fields that a formula reads; none for a field that is entered."""
    node = formula_of(catalog, object_name, field_name)
    return sorted({part.names[0] for part in walk(node) if isinstance(part, Path)}) if node is not None else []


def _columns(catalog: Catalog, object_name: str, field_name: str) -> dict[str, sa.types.TypeEngine[Any]]:
    """Give the physical columns of a field with their types, in the order of its type."""
    first = catalog.physical.column(object_name, field_name)
    columns = catalog.object(object_name).field(field_name).type.columns()
    return {physical_column(first, column.suffix): column.type for column in columns}


@dataclass(frozen=True)
class Computation:
    """One stored formula and its column, which is the first of its field."""

    catalog: Catalog
    object: str
    field: str
    zone: str
    """The instance's: stored values hang on nobody's own."""

    def differing(self, connection: sa.Connection, *, after: Any = None) -> tuple[int, int, Any]:
        """Count the rows of one batch, and those whose value is not what the formula gives; with the batch's last key,
        or None when there is no more. For a connection that reads.
        """
        key, column = self.table.c["id"], self._column
        query = sa.select(key).order_by(key).limit(BATCH)
        keys = connection.execute(query if after is None else query.where(key > after), execution_options=dict(GATE))
        found = keys.scalars().all()
        if not found:
            return 0, 0, None
        wrong = sa.select(sa.func.count()).where(
            key.between(found[0], found[-1]), column.is_distinct_from(self._value(connection))
        )
        try:
            return len(found), connection.execute(wrong, execution_options=dict(GATE)).scalar_one(), found[-1]
        except sa.exc.DBAPIError as error:
            if not overflowed(error):
                raise
        raise Conflict(Message("{problem}", problem=self._told(connection), code="not_computed"))

    def carry_out(self, connection: sa.Connection, *, after: Any = None, since: str | None = None) -> Any:
        """Write the values that differ in one batch of rows; give its last key, or None when there is no more.

        `since` leaves out rows that were last written by an earlier change.
        """
        key, column = self.table.c["id"], self._column
        batch = sa.select(key).order_by(key).limit(BATCH)
        if after is not None:
            batch = batch.where(key > after)
        if since is not None:
            batch = batch.where(self.table.c["_change"] >= since)
        keys = connection.execute(batch, execution_options=dict(GATE)).scalars().all()
        if not keys:
            return None
        value = self._value(connection)
        update = sa.update(self.table).where(key.between(keys[0], keys[-1]), column.is_distinct_from(value))
        if since is not None:
            update = update.where(self.table.c["_change"] >= since)
        try:
            with connection.begin_nested():
                connection.execute(update.values({column.name: value}), execution_options=dict(GATE))
        except sa.exc.IntegrityError:
            raise Conflict(
                Message(
                    "{field}: some records would get the same value, but it is to be unique.",
                    field=f"{self.object}.{self.field}",
                    code="not_unique",
                )
            ) from None
        except sa.exc.DBAPIError as error:
            self._refuse(connection, error)
        return keys[-1]

    def trouble(self, connection: sa.Connection) -> str:
        """Say why some records that are there cannot be computed; blank where all can. For a connection that reads."""
        probe = sa.select(sa.func.count(self._value(connection))).select_from(self.table)
        try:
            connection.execute(probe, execution_options=dict(GATE))
        except sa.exc.DBAPIError as error:
            if not overflowed(error):
                raise
            return self._told(connection)
        return ""

    def _refuse(self, connection: sa.Connection, error: sa.exc.DBAPIError) -> NoReturn:
        if not overflowed(error):
            raise error
        raise Conflict(Message("{problem}", problem=self._told(connection), code="not_computed")) from None

    def _told(self, connection: sa.Connection) -> str:
        """Count what the database refused as soon as it met one."""
        found = list(self._overflows(connection))
        count = max(len(found), 1)
        why = found[0] if found else numbers.too_many_digits().message
        return f"{self.object}.{self.field} cannot be computed for {count:,} {_records(count)}: {why}"

    def _overflows(self, connection: sa.Connection) -> Iterator[Message]:
        sort = self._kind.expression_type()
        # Not the formula's own column, which a new one does not have yet.
        names = ["id", *sorted(sources(self.catalog, self.object, self.field) - {"id"})]
        rows = connection.execute(sa.select(*(self.table.c[name] for name in names)), execution_options=dict(GATE))
        for row in rows.mappings():
            try:
                value: Any = evaluate(self._node, _Row(self, row), self.setting)
                if value is not None and sort is not None and sort.sort == "number":
                    numbers.rounded(value, sort.scale)
            except Overflow as wrong:
                yield wrong.message

    def _value(self, connection: sa.Connection) -> Element:
        dialect: DialectName = "sqlite" if connection.dialect.name == "sqlite" else "postgresql"
        columns = _Columns(self, dialect)
        value = to_column(self._node, columns, self.setting, dialect, kind=self._kind.expression_type())
        return sa.type_coerce(value, self._column.type).self_group()

    @cached_property
    def setting(self) -> Setting:
        """What the formula knows besides the record."""
        return Setting(today=_NO_MATTER_WHEN.date(), now=_NO_MATTER_WHEN, zone=self.zone)

    @cached_property
    def _kind(self) -> Any:
        return self.catalog.object(self.object).field(self.field).type

    @cached_property
    def _node(self) -> Node:
        return _known(formula_of(self.catalog, self.object, self.field), self.field)

    @cached_property
    def _column(self) -> sa.ColumnClause[Any]:
        column: sa.ColumnClause[Any] = self.table.c[self.catalog.physical.column(self.object, self.field)]
        return column

    @cached_property
    def table(self) -> Any:
        """The formula's own column, those it is computed from, and the key."""
        wanted = sources(self.catalog, self.object, self.field)
        names = self.catalog.object(self.object).fields
        types: dict[str, Any] = {"id": Key(), "_change": Key()}
        for name in names:
            found = _columns(self.catalog, self.object, name)
            types |= found if name == self.field else {each: kind for each, kind in found.items() if each in wanted}
        types["id"] = Key()
        return sa.table(
            self.catalog.physical.table(self.object), *(sa.column(name, kind) for name, kind in types.items())
        )


class _Columns:
    """The columns of the record itself. A formula that is read gives its expression, so that no order matters."""

    def __init__(self, computation: Computation, dialect: DialectName) -> None:
        self._of = computation
        self._dialect = dialect

    def column(self, names: tuple[str, ...]) -> Element:
        """Give what a path of one name leads to."""
        (name,) = names
        of = self._of
        node = reading_of(of.catalog, of.object, name)
        if node is not None:
            kind = of.catalog.object(of.object).field(name).type
            return to_sql(
                node, self, of.setting, self._dialect, kind=None if kind.columns() else kind.expression_type()
            )
        suffix = of.catalog.object(of.object).field(name).type.value_column()
        column: Element = of.table.c[physical_column(of.catalog.physical.column(of.object, name), suffix)]
        return column

    def children(self, names: tuple[str, ...]) -> NoReturn:
        """Refuse: a stored formula reads its own record only."""
        raise LookupError(f"a stored formula cannot read the lines {names!r}")


class _Row:
    """One row as the evaluator asks it."""

    def __init__(self, computation: Computation, row: sa.RowMapping) -> None:
        self._of = computation
        self._row = row

    def get(self, names: tuple[str, ...]) -> Any:
        """Give the value of one field."""
        (name,) = names
        of = self._of
        node = reading_of(of.catalog, of.object, name)
        if node is not None:
            return evaluate(node, self, of.setting)
        kind = of.catalog.object(of.object).field(name).type
        stored = [self._row[each] for each in _columns(of.catalog, of.object, name)]
        return None if stored[0] is None else kind.number(kind.restore(stored))

    def children(self, names: tuple[str, ...]) -> Iterable[Any]:
        """Refuse: a stored formula reads its own record only."""
        raise LookupError(f"a stored formula cannot read the lines {names!r}")


def _known(node: Node | None, name: str) -> Node:
    if node is None:
        raise RuntimeError(f"field {name!r} has no formula")
    return node


def _records(count: int) -> str:
    return "record" if count == 1 else "records"
