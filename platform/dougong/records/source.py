"""a table in a statement, and how paths over lookups reach other tables from it"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from dougong.access import scope
from dougong.catalog.expressions import compiled, reading_of
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.expressions.check import is_volatile
from dougong.expressions.to_sql import to_sql
from dougong.storage import tables


class Source:
    """One table of a statement. It is the `Columns` that expressions ask.

    Following a lookup joins its table from the left, so rows never multiply; `guarded` joins only records the actor
    may read, so that what lies behind a lookup is blank to those who may not see it. A `nested` source may add no
    join and asks by a scalar subquery instead.
    """

    def __init__(
        self,
        ctx: Context,
        model: ObjectModel,
        *,
        table: sa.FromClause | None = None,
        joins: list[tuple[sa.FromClause, Any]] | None = None,
        guarded: bool = True,
        nested: bool = False,
        marks: set[str] | None = None,
    ) -> None:
        self.ctx = ctx
        self.model = model
        self.held = tables.of(ctx.database, ctx.catalog, model.name)
        self.table: sa.FromClause = self.held.table if table is None else table
        self.joins: list[tuple[sa.FromClause, Any]] = [] if joins is None else joins
        self.guarded = guarded
        self.nested = nested
        self.marks: set[str] = set() if marks is None else marks
        """Why the statement is good for this moment and this actor only: shared by all sources of a statement."""
        self._followed: dict[tuple[str, bool], Source] = {}

    def columns_of(self, name: str) -> tuple[Any, ...]:
        """All stored columns of one field, on this table."""
        return tuple(self.table.c[column.name] for column in self.held.columns[name])

    def column(self, names: tuple[str, ...]) -> Any:
        """Give the column that expressions read at the end of a path; a virtual formula gives its expression."""
        if len(names) > 1:
            return self._behind(names)
        return self.typed_column(names[0], lambda kind: kind.value_column())

    def sort_column(self, names: tuple[str, ...]) -> Any:
        """Give the column that lists sort by at the end of a path."""
        source = self
        for name in names[:-1]:
            source = source.follow(name)
        return source.typed_column(names[-1], lambda kind: kind.sort_column() or "")

    def typed_column(self, name: str, suffix_of: Any) -> Any:
        """Give one column of a field: the one its type names, or the expression of a formula without columns."""
        field = self.model.field(name)
        stored = self.held.columns[name]
        if not stored:
            return self.formula(name)
        suffix = suffix_of(field.type)
        position = next((at for at, each in enumerate(field.type.columns()) if each.suffix == suffix), 0)
        return self.table.c[stored[position].name]

    def formula(self, name: str) -> Any:
        """Give the SQL of a virtual formula. The author's formula reads what it names, whoever asks."""
        node = reading_of(self.ctx.catalog, self.model.name, name)
        if node is None:
            raise TypeError(f"field {name!r} of {self.model.name!r} has neither columns nor a formula")
        if is_volatile(node):
            self.marks.add("formula")
        kind = self.model.field(name).type.expression_type()
        return to_sql(node, self.unguarded(), self.ctx.setting(), self.ctx.dialect, kind=kind)

    def unguarded(self) -> Source:
        """The same table and joins, for what an author wrote: it follows lookups whoever asks."""
        if not self.guarded:
            return self
        twin = Source(
            self.ctx,
            self.model,
            table=self.table,
            joins=self.joins,
            guarded=False,
            nested=self.nested,
            marks=self.marks,
        )
        twin._followed = self._followed
        return twin

    def _behind(self, names: tuple[str, ...]) -> Any:
        if not self.nested:
            return self.follow(names[0]).column(names[1:])
        target = self._target(names[0])
        inner = Source(self.ctx, target, table=self._alias(target), guarded=self.guarded, nested=True, marks=self.marks)
        asked = sa.select(inner.column(names[1:])).where(self._meets(names[0], inner))
        return asked.correlate_except(inner.table).scalar_subquery()

    def follow(self, name: str) -> Source:
        """Join the table that a lookup (or the parent of a child) leads to, once."""
        key = (name, self.guarded)
        if key not in self._followed:
            target = self._target(name)
            source = Source(
                self.ctx,
                target,
                table=self._alias(target),
                joins=self.joins,
                guarded=self.guarded,
                nested=self.nested,
                marks=self.marks,
            )
            self.joins.append((source.table, self._meets(name, source)))
            self._followed[key] = source
        return self._followed[key]

    def _target(self, name: str) -> ObjectModel:
        target = self.model.field(name).type.lookup()
        if target is None and name == "id":
            target = self.model.name
        if target is None:
            raise TypeError(f"field {name!r} of {self.model.name!r} leads nowhere")
        return self.ctx.catalog.object(target)

    def _alias(self, target: ObjectModel) -> sa.FromClause:
        return tables.of(self.ctx.database, self.ctx.catalog, target.name).table.alias()

    def _meets(self, name: str, target: Source) -> Any:
        meeting = target.table.c.id == self.columns_of(name)[0]
        if not self.guarded:
            return meeting
        allowed = rights(self.ctx, target, "read", nested=True)
        return meeting if allowed is None else sa.and_(meeting, allowed)

    def children(self, names: tuple[str, ...]) -> tuple[sa.FromClause, Any, Source]:
        """Give the lines at the end of a path: their table, how they belong, and their own columns."""
        source: Source = self
        for name in names[:-1]:
            source = source.follow(name)
        lines = source.model.field(names[-1]).type.lines()
        if lines is None:
            raise TypeError(f"field {names[-1]!r} of {source.model.name!r} holds no children")
        model = self.ctx.catalog.object(lines)
        inner = Source(self.ctx, model, table=self._alias(model), guarded=source.guarded, nested=True, marks=self.marks)
        return inner.table, inner.table.c.parent == source.table.c.id, inner

    def joined(self) -> sa.FromClause:
        """The table with all that was joined to it so far."""
        joined: sa.FromClause = self.table
        for table, on in self.joins:
            joined = joined.outerjoin(table, on)
        return joined


def rights(ctx: Context, source: Source, verb: str, *, nested: bool = False) -> Any | None:
    """Give the one condition for rows the actor may `verb`, its rules joined by OR; None where every row is meant.

    The values it asks for come from `scope.parameters` and are bound by `bound`.
    """
    rules = scope.rules(ctx, source.model, verb)
    if scope.EVERY_ROW in rules:
        return None
    if not rules:
        return sa.false()
    return either(ctx, source, rules, nested=nested)


def either(ctx: Context, source: Source, rules: tuple[scope.Rule, ...], *, nested: bool = False) -> Any:
    """Join the predicates of rules by OR, over the row itself or, for a child, over the record it belongs to."""
    top = source
    while top.model.parent is not None:
        top = top.follow("parent")
    if nested and not top.nested:
        top = Source(ctx, top.model, table=top.table, guarded=False, nested=True, marks=source.marks)
    unguarded = top.unguarded()
    if any(rule.where and is_volatile(compiled(ctx.catalog, top.model.name, rule.where)) for rule in rules):
        source.marks.add("rule")
    parts = [sa.and_(sa.true(), *scope.predicate(ctx, top.model, rule, top.table, unguarded)) for rule in rules]
    return sa.or_(sa.false(), *parts)


def asked_by(statement: Any) -> frozenset[str]:
    """Name the parameters of a statement."""
    names = (each.key for each in visitors.iterate(statement) if isinstance(each, sa.BindParameter))
    return frozenset(str(name) for name in names)
