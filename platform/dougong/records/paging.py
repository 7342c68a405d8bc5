"""how a page of records is asked for: its order, where it begins, and how many there are in all"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from dougong.access import fields as field_rights
from dougong.access import scope
from dougong.base.errors import BadRequest
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.expressions.check import is_volatile
from dougong.expressions.to_sql import where
from dougong.expressions.tree import Node
from dougong.records import read, search
from dougong.records.query import COUNTED_TO, Page, Query, Record, asked_digest, decode_cursor, encode_cursor
from dougong.records.read import Part, Prepared, prepared
from dougong.records.source import Source, asked_by, either, rights

USUAL_LIMITS = frozenset({25, 50, 100})
"""Pages of these sizes have statements of their own: PostgreSQL keeps a plan for a limit that it knows, and plans again
each time for one that it does not."""


@dataclass(frozen=True)
class Order:
    """One step of a sort: the path, and which way."""

    path: str
    descending: bool


def order_of(ctx: Context, model: ObjectModel, sort: Sequence[str]) -> tuple[Order, ...]:
    """Read a caller's sort; a lookup sorts by the title of what it points to."""
    steps = []
    for text in sort:
        path = read.resolve(ctx, model, text.removeprefix("-"))
        path = _title_path(ctx, model, path)
        steps.append(Order(path, text.startswith("-")))
    if not steps or steps[-1].path != "id":
        steps.append(Order("id", bool(steps) and steps[-1].descending))
    return tuple(steps)


def _title_path(ctx: Context, model: ObjectModel, path: str) -> str:
    at = model
    field = None
    for name in path.split("."):
        field = at.fields[name]
        target = field.type.lookup()
        if target is not None and name != "id":
            at = ctx.catalog.object(target)
        elif field.type.sort_column() is None:
            raise BadRequest(Message("Lists cannot be sorted by '{name}'.", code="not_sortable", name=path))
    leads = field is not None and field.type.lookup() is not None and field.name != "id"
    if leads and at.title and at.title in field_rights.readable(ctx, at):
        return _title_path(ctx, model, f"{path}.{at.title}")
    return path


def many(ctx: Context, model: ObjectModel, query: Query) -> Page:
    """Read a sorted page of what the actor may read and asked for."""
    read.must_read(ctx, model)
    asked = read.stored_names(ctx, model) if query.fields is None else tuple(query.fields)
    names, labels = read.asked_names(ctx, model, asked)
    order = order_of(ctx, model, query.sort)
    digest = asked_digest(model.name, query.where, query.q, [(step.path, step.descending) for step in order])
    after = decode_cursor(digest, query.cursor, len(order)) if query.cursor else None
    rules = scope.branches(ctx, scope.rules(ctx, model, "read"))
    node = read.condition(ctx, model, query.where) if query.where else None
    flags = tuple(read.condition(ctx, model, text) for text in query.flags)
    tokens = search.tokens_of(query.q) if query.q else ()
    blank_after = None if after is None else tuple(key is None for key in after)
    whose = read.reading_rights(ctx, (*names, *(step.path for step in order), "." if node is not None or flags else ""))
    known_limit = query.limit + 1 if query.limit in USUAL_LIMITS else None
    wanted_for = (query.verb, scope.rules(ctx, model, query.verb))
    asked_for = (query.where, query.within, query.flags, len(tokens), blank_after, known_limit)
    key = ("many", model.name, names, rules, order, asked_for, wanted_for, whose)
    listing = Listing(
        ctx, model, names, rules, order, node, len(tokens), blank_after, known_limit, query.verb, query.within, flags
    )
    ready = prepared(ctx, key, listing.prepared)
    values = _values(tokens, after)
    most = {} if known_limit is not None else {"most": query.limit + 1}
    rows = read.execute(ctx, ready, {**values, **most}).all()
    page = _records(model, ready.parts, rows[: query.limit], labels, asked, len(flags))
    following = None
    if len(rows) > query.limit:
        following = encode_cursor(digest, rows[query.limit - 1][-ready.keys :])
    counted, more = _count(
        ctx, query, listing, (model.name, rules, query.where, query.within, len(tokens), wanted_for, whose), values
    )
    result = Page(page, following, counted, more)
    read.attach(ctx, model, result.records, asked)
    return result


def _values(tokens: Sequence[str], after: Sequence[Any] | None) -> dict[str, Any]:
    """Give the values that a statement asks for: words, and the place it begins behind."""
    values = {f"token_{at}": search.pattern(token) for at, token in enumerate(tokens)}
    if after is not None:
        values |= {f"after_{at}": key for at, key in enumerate(after) if key is not None}
    return values


def _records(
    model: ObjectModel,
    parts: tuple[Part, ...],
    rows: Sequence[Any],
    labels: dict[str, str],
    asked: tuple[str, ...],
    flags: int,
) -> list[Record]:
    found = [record_of(model, parts, row, labels, asked) for row in rows]
    if flags:
        tell_flags(found, parts, rows, flags)
    return found


def tell_flags(records: Sequence[Record], parts: tuple[Part, ...], rows: Sequence[Sequence[Any]], count: int) -> None:
    """Tell of each record which flags hold: they stand in its row behind its fields."""
    start = max((part.stop for part in parts), default=0)
    for record, row in zip(records, rows, strict=False):
        record.flags = tuple(bool(each) for each in row[start : start + count])


def flag_columns(ctx: Context, source: Source, flags: Sequence[Node]) -> list[Any]:
    """Give a column for each flag: 1 where it holds."""
    told = ((where(node, source, ctx.setting(), ctx.dialect), at) for at, node in enumerate(flags))
    one, zero = sa.literal_column("1", sa.Integer), sa.literal_column("0", sa.Integer)
    return [sa.case((holds, one), else_=zero).label(f"flag{at}") for holds, at in told]


def record_of(
    model: ObjectModel, parts: tuple[Part, ...], row: Sequence[Any], labels: dict[str, str], asked: tuple[str, ...]
) -> Record:
    """Give the record of one row, its values by the names that were asked for."""
    values = read.values_of(parts, row)
    if labels:
        read.as_asked(values, labels, asked)
    return Record(model.name, values["id"], values.get("version"), values)


@dataclass
class Listing:
    """What one sorted page asks."""

    ctx: Context
    model: ObjectModel
    names: tuple[str, ...]
    rules: tuple[scope.Rule, ...]
    order: tuple[Order, ...]
    node: Node | None
    tokens: int
    blank_after: tuple[bool, ...] | None
    known_limit: int | None
    verb: str = "read"
    within: Node | None = None
    flags: tuple[Node, ...] = ()

    def prepared(self) -> Prepared:
        """Build the statement: one select, or the best of each branch."""
        marks = self.marks()
        source = Source(self.ctx, self.model, marks=marks)
        if len(self.rules) == 1:
            columns, parts = read.select_parts(source, self.names)
            columns += flag_columns(self.ctx, source, self.flags)
            keys = self.keys(source)
            statement = sa.select(*columns, *keys).where(*self.conditions(source, self.rules[0], keys))
            statement = self._sorted(statement, keys).select_from(source.joined())
        else:
            columns, parts = read.select_parts(source, self.names)
            columns += flag_columns(self.ctx, source, self.flags)
            keys = self.keys(source)
            best = sa.union(*(self._branch(rule, marks) for rule in self.rules)).subquery("best")
            wanted = [best.c[f"k{at}"] for at in range(len(self.order))]
            chosen = self._sorted(sa.select(best.c.k_id), wanted).subquery("chosen")
            statement = sa.select(*columns, *keys).select_from(
                source.joined().join(chosen, chosen.c.k_id == source.table.c.id)
            )
            statement = self._ordered(statement, keys)
        return Prepared(statement, parts, asked_by(statement), len(keys), kept=not marks)

    def counting(self, at_most: int | None) -> Prepared:
        """Build the statement that counts, wherever the page begins: each branch by its own index, up to a limit."""
        whole = replace(self, blank_after=None)
        marks = whole.marks()
        parts = []
        for rule in self.rules:
            source = Source(self.ctx, self.model, marks=marks)
            part = sa.select(source.table.c.id).where(*whole.conditions(source, rule, []))
            part = part.select_from(source.joined())
            parts.append(sa.select((part.limit(at_most) if at_most else part).subquery()))
        found = sa.union(*parts) if len(parts) > 1 else parts[0]
        statement = sa.select(sa.func.count()).select_from(found.subquery())
        return Prepared(statement, (), asked_by(statement), kept=not marks)

    def marks(self) -> set[str]:
        """Say why the statement is good for this moment only, as far as the filter goes."""
        asked = [node for node in (self.node, *self.flags) if node is not None]
        marks = {"filter"} if any(is_volatile(node) for node in asked) else set()
        return marks if self.within is None else marks | {"within"}

    def _branch(self, rule: scope.Rule, marks: set[str]) -> Any:
        source = Source(self.ctx, self.model, marks=marks)
        keys = self.keys(source)
        inner = sa.select(source.table.c.id.label("k_id"), *(key.label(f"k{at}") for at, key in enumerate(keys)))
        inner = inner.where(*self.conditions(source, rule, keys)).select_from(source.joined())
        # SQLite takes no ORDER BY inside a UNION unless the select is a table of its own.
        limited = self._sorted(inner, keys).subquery()
        return sa.select(limited)

    def keys(self, source: Source) -> list[Any]:
        """Give the columns it is sorted by."""
        return [source.sort_column(tuple(step.path.split("."))) for step in self.order]

    def conditions(self, source: Source, rule: scope.Rule, keys: list[Any]) -> list[Any]:
        """Say which rows of one branch are asked for, behind the cursor if there is one."""
        found: list[Any] = []
        if rule != scope.EVERY_ROW:
            found.append(either(self.ctx, source, (rule,)))
        if self.node is not None:
            found.append(where(self.node, source, self.ctx.setting(), self.ctx.dialect))
        if self.within is not None:
            found.append(where(self.within, source.unguarded(), self.ctx.setting(), self.ctx.dialect))
        if self.verb != "read":
            wanted = rights(self.ctx, source, self.verb)
            found += [] if wanted is None else [wanted]
        found += search.conditions(source, self.tokens)
        if self.blank_after is not None:
            found.append(_after(keys, self.order, self.blank_after))
        return found

    def _ordered(self, statement: Any, keys: list[Any]) -> Any:
        return statement.order_by(*self.ways(keys))

    def ways(self, keys: list[Any]) -> list[Any]:
        """Give what it is sorted by, each with its direction."""
        return [self._way(key, step) for key, step in zip(keys, self.order, strict=True)]

    def _way(self, key: Any, step: Order) -> Any:
        """Blanks are the smallest: so SQLite sorts by itself, and PostgreSQL's indexes are made for it."""
        if self.ctx.dialect == "sqlite" or step.path == "id":
            return key.desc() if step.descending else key.asc()
        return key.desc().nulls_last() if step.descending else key.asc().nulls_first()

    def _sorted(self, statement: Any, keys: list[Any]) -> Any:
        if self.known_limit is not None:
            return self._ordered(statement, keys).limit(sa.literal_column(str(self.known_limit), sa.Integer))
        return self._ordered(statement, keys).limit(sa.bindparam("most", type_=sa.Integer))


def _after(keys: list[Any], order: tuple[Order, ...], blank: tuple[bool, ...]) -> Any:
    """Say that a row stands after the one a cursor names."""
    said: Any = sa.false()
    for at in reversed(range(len(order))):
        key = keys[at]
        value = sa.bindparam(f"after_{at}", type_=key.type)
        if blank[at]:
            beyond = sa.false() if order[at].descending else key.is_not(None)
            same = key.is_(None)
        elif order[at].descending:
            beyond = key < value if order[at].path == "id" else sa.or_(key < value, key.is_(None))
            same = key == value
        else:
            beyond, same = key > value, key == value
        said = beyond if at == len(order) - 1 else sa.or_(beyond, sa.and_(same, said))
    if not blank[0] and not order[0].descending:
        said = sa.and_(keys[0] >= sa.bindparam("after_0", type_=keys[0].type), said)
    return said


def _count(
    ctx: Context, query: Query, listing: Listing, key: Hashable, values: dict[str, Any]
) -> tuple[int | None, bool]:
    if query.count == "none":
        return None, False
    at_most = COUNTED_TO + 1 if query.count == "to_limit" else None
    ready = prepared(ctx, ("count", at_most, key), lambda: listing.counting(at_most))
    found = int(read.execute(ctx, ready, values).scalar_one())
    if query.count == "to_limit" and found > COUNTED_TO:
        return COUNTED_TO, True
    return found, False
