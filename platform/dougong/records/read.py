"""a query as one SELECT, with access and readable fields inside"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from dougong.access import ceilings, scope
from dougong.access import fields as field_rights
from dougong.base.errors import BadRequest, DougongError, NotAllowed, NotFound
from dougong.base.names import hint_to, is_id
from dougong.base.sql_types import Key
from dougong.base.text import Message
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.expressions.check import check, is_volatile
from dougong.expressions.parse import parse
from dougong.expressions.to_sql import overflowed, where
from dougong.expressions.tree import Node
from dougong.expressions.types import BOOLEAN, Type
from dougong.records import search
from dougong.records.query import COUNTED_TO, Page, Query, Record, asked_digest, decode_cursor, encode_cursor
from dougong.records.references import Titles
from dougong.records.source import Source, asked_by, either, rights
from dougong.sdk.field_type import FieldType
from dougong.storage.database import GATE

MOST_PREPARED = 500
USUAL_LIMITS = frozenset({25, 50, 100})
"""Pages of these sizes have statements of their own: PostgreSQL keeps a plan for a limit that it knows, and plans again
each time for one that it does not."""


@dataclass(frozen=True)
class Part:
    """Where a row holds a field's value."""

    name: str
    type: FieldType[Any]
    start: int
    stop: int
    plain: bool
    """The stored value is the value."""


@dataclass(frozen=True)
class Prepared:
    """A statement that is built once, with the names of the values it asks for."""

    statement: Any
    parts: tuple[Part, ...]
    asks: frozenset[str]
    keys: int = 0
    """How many sort keys stand at the end of a row."""
    kept: bool = True
    """Whether it is good for the next asker too: nothing in it was computed for this moment or this actor."""


class ReadableScope:
    """What names mean to one who may not read every field: an unreadable one does not exist."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    def type_of(self, object_name: str, field: str) -> Type | None:
        """Give the type of a field that the actor may read."""
        if field not in set(self.names(object_name)):
            return None
        return self._ctx.catalog.type_of(object_name, field)

    def names(self, object_name: str) -> Iterable[str]:
        """Give the names of the fields the actor may read."""
        model = self._ctx.catalog.objects.get(object_name)
        return field_rights.readable(self._ctx, model) if model else ()


def _store(catalog: Catalog) -> dict[Hashable, Prepared]:
    return {}


def prepared(ctx: Context, key: Hashable, build: Callable[[], Prepared]) -> Prepared:
    """Give a statement that was built before for the same question, or build it."""
    store = ctx.catalog.memo(_store)
    found = store.get(key)
    if found is None:
        found = build()
        if found.kept:
            if len(store) >= MOST_PREPARED:
                store.clear()
            store[key] = found
    return found


def execute(ctx: Context, ready: Prepared, values: dict[str, Any] | None = None) -> sa.CursorResult[Any]:
    """Run a prepared statement with the actor's own values and the given ones."""
    bound = {**scope.bind(ctx, ready.asks), **(values or {})}
    try:
        return ctx.connection.execute(ready.statement, bound, execution_options=GATE)
    except sa.exc.DBAPIError as error:
        refuse_overflow(error)
        raise


def refuse_overflow(error: sa.exc.DBAPIError) -> None:
    """Say in words that a number or date grew too large, if that is what the database says."""
    if overflowed(error):
        said = Message("A result has more than 18 digits, or is outside the years 1 to 9999.", code="overflow")
        raise BadRequest(said) from error


def stored_names(ctx: Context, model: ObjectModel) -> tuple[str, ...]:
    """The readable fields that a row gives, in the object's order: all but children."""
    return ctx.catalog.memo(_stored_names, model.name, field_rights.readable(ctx, model))


def _stored_names(catalog: Catalog, object_name: str, readable: frozenset[str]) -> tuple[str, ...]:
    fields = catalog.object(object_name).fields.values()
    return tuple(each.name for each in fields if each.name in readable and each.type.lines() is None)


def select_parts(source: Source, names: Sequence[str]) -> tuple[list[Any], tuple[Part, ...]]:
    """Give the columns of fields and paths, and where each stands in a row."""
    columns: list[Any] = []
    parts: list[Part] = []
    for name in names:
        at, field_name = _at(source, name)
        kind = at.model.field(field_name).type
        own = at.columns_of(field_name) or (at.formula(field_name),)
        plain = type(kind).restore is FieldType.restore
        parts.append(Part(name, kind, len(columns), len(columns) + len(own), plain))
        columns += [column.label(f"c{len(columns) + offset}") for offset, column in enumerate(own)]
    return columns, tuple(parts)


def _at(source: Source, path: str) -> tuple[Source, str]:
    *steps, last = path.split(".")
    for step in steps:
        source = source.follow(step)
    return source, last


def values_of(parts: tuple[Part, ...], row: Sequence[Any]) -> dict[str, Any]:
    """Put the values of one row together."""
    values = {}
    for part in parts:
        value = row[part.start]
        if value is not None and not part.plain:
            value = part.type.restore(row[part.start : part.stop])
        values[part.name] = value
    return values


def resolve(ctx: Context, model: ObjectModel, path: str) -> str:
    """Check a field or path that a caller named; one they may not read does not exist. `title` is a record's title."""
    names = path.split(".")
    at = model
    for position, name in enumerate(names):
        last = position == len(names) - 1
        if name == "title" and name not in at.fields and last and position and at.title:
            names[-1] = name = at.title
        readable = field_rights.readable(ctx, at)
        if name not in readable:
            hint = hint_to(name, readable)
            raise BadRequest(Message("There is no field '{name}'; {hint}", code="unknown_field", name=path, hint=hint))
        target = at.fields[name].type.lookup()
        if not last:
            if target is None:
                raise BadRequest(Message("'{name}' leads to no other record.", code="not_a_lookup", name=name))
            at = ctx.catalog.object(target)
    return ".".join(names)


def condition(ctx: Context, model: ObjectModel, text: str) -> Node:
    """Read a caller's expression over what they may read, or raise `BadRequest` saying where it is wrong."""
    key = ("condition", model.name, text, frozenset(ctx.actor.roles), ctx.actor.is_system)
    store: dict[Hashable, Any] = ctx.catalog.memo(_conditions)
    if key not in store:
        if len(store) >= MOST_PREPARED:
            store.clear()
        try:
            store[key] = check(parse(text), ReadableScope(ctx), model.name, expect=BOOLEAN)
        except DougongError as wrong:
            raise BadRequest(
                Message("The filter cannot be read: {reason}", code="filter", reason=wrong.message)
            ) from wrong
    node: Node = store[key]
    return node


def _conditions(catalog: Catalog) -> dict[Hashable, Any]:
    return {}


def one(ctx: Context, model: ObjectModel, record_id: str, *, names: tuple[str, ...], verb: str = "read") -> Record:
    """Read the record if the actor may `verb` it, or raise `NotFound`."""
    row = find(ctx, model, record_id, names=names, verb=verb)
    if row is None:
        raise NotFound(
            Message("There is no such {object}, or it is not yours to see.", code="not_found", object=label(model))
        )
    return row


def label(model: ObjectModel) -> Any:
    """The label of an object, for a sentence."""
    return model.definition.shown_label()


def find(
    ctx: Context,
    model: ObjectModel,
    record_id: str,
    *,
    names: tuple[str, ...],
    verb: str = "read",
    lock: bool = False,
) -> Record | None:
    """Read the record if the actor may `verb` it, or give None."""
    if not is_id(record_id):
        return None
    rules = scope.rules(ctx, model, verb)
    if not rules:
        return None
    key = ("one", model.name, names, rules, lock, _reading_rights(ctx, names))
    ready = prepared(ctx, key, lambda: _one(ctx, model, names, rules, lock=lock))
    row = execute(ctx, ready, {"record_id": record_id}).one_or_none()
    if row is None:
        return None
    values = values_of(ready.parts, row)
    return Record(model.name, record_id, values.get("version"), values)


def _one(
    ctx: Context, model: ObjectModel, names: tuple[str, ...], rules: tuple[scope.Rule, ...], *, lock: bool
) -> Prepared:
    source = Source(ctx, model)
    columns, parts = select_parts(source, names)
    conditions = [source.table.c.id == sa.bindparam("record_id")]
    if scope.EVERY_ROW not in rules:
        conditions.append(either(ctx, source, rules))
    statement = sa.select(*columns).select_from(source.joined()).where(*conditions)
    if lock and ctx.dialect == "postgresql":
        statement = statement.with_for_update(of=source.table)
    return Prepared(statement, parts, asked_by(statement), kept=not source.marks)


def _reading_rights(ctx: Context, names: tuple[str, ...]) -> Hashable:
    """What a statement depends on besides its own object's rules: the rights on what its paths lead to."""
    if any("." in name for name in names):
        return (ctx.actor.roles, ctx.actor.is_system, ctx.actor.token_scope)
    return None


@dataclass(frozen=True)
class Order:
    """One step of a sort: the path, and which way."""

    path: str
    descending: bool


def order_of(ctx: Context, model: ObjectModel, sort: Sequence[str]) -> tuple[Order, ...]:
    """Read a caller's sort; a lookup sorts by the title of what it points to."""
    steps = []
    for text in sort:
        path = resolve(ctx, model, text.removeprefix("-"))
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
    must_read(ctx, model)
    asked = stored_names(ctx, model) if query.fields is None else tuple(query.fields)
    names, labels = asked_names(ctx, model, asked)
    order = order_of(ctx, model, query.sort)
    digest = asked_digest(model.name, query.where, query.q, [(step.path, step.descending) for step in order])
    after = decode_cursor(digest, query.cursor, len(order)) if query.cursor else None
    rules = scope.branches(ctx, scope.rules(ctx, model, "read"))
    node = condition(ctx, model, query.where) if query.where else None
    tokens = search.tokens_of(query.q) if query.q else ()
    blank_after = None if after is None else tuple(key is None for key in after)
    whose = _reading_rights(ctx, (*names, *(step.path for step in order), "." if node is not None else ""))
    known_limit = query.limit + 1 if query.limit in USUAL_LIMITS else None
    wanted_for = (query.verb, scope.rules(ctx, model, query.verb))
    asked_for = (query.where, len(tokens), blank_after, known_limit)
    key = ("many", model.name, names, rules, order, asked_for, wanted_for, whose)
    listing = _Listing(ctx, model, names, rules, order, node, len(tokens), blank_after, known_limit, query.verb)
    ready = prepared(ctx, key, listing.prepared)
    values = {f"token_{at}": search.pattern(token) for at, token in enumerate(tokens)}
    if after is not None:
        values |= {f"after_{at}": key for at, key in enumerate(after) if key is not None}
    most = {} if known_limit is not None else {"most": query.limit + 1}
    rows = execute(ctx, ready, {**values, **most}).all()
    page = [_record(model, ready.parts, row, labels) for row in rows[: query.limit]]
    following = None
    if len(rows) > query.limit:
        following = encode_cursor(digest, rows[query.limit - 1][-ready.keys :])
    counted, more = _count(
        ctx, query, listing, (model.name, rules, query.where, len(tokens), wanted_for, whose), values
    )
    result = Page(page, following, counted, more)
    attach(ctx, model, result.records, asked)
    return result


def must_read(ctx: Context, model: ObjectModel) -> None:
    """Raise `NotAllowed` where the actor may read no record of an object at all."""
    if not scope.rules(ctx, model, "read"):
        ceilings.hold(ctx.actor, model.name, "read")
        raise NotAllowed(
            Message("You may not see {objects}.", code="not_allowed", objects=model.definition.shown_plural())
        )


def _record(model: ObjectModel, parts: tuple[Part, ...], row: Sequence[Any], labels: dict[str, str]) -> Record:
    values = values_of(parts, row)
    for asked, name in labels.items():
        values[asked] = values[name]
    return Record(model.name, values["id"], values.get("version"), values)


def asked_names(ctx: Context, model: ObjectModel, asked: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Give the paths to select, always with id and version, and which asked names stand for another path."""
    paths = {name: name if _is_plain(ctx, model, name) else resolve(ctx, model, name) for name in asked}
    kept = [path for path in paths.values() if "." in path or model.fields[path].type.lines() is None]
    system = [name for name in ("id", "version") if name in model.fields]
    names = tuple(dict.fromkeys([*system, *kept]))
    return names, {name: path for name, path in paths.items() if name != path}


def _is_plain(ctx: Context, model: ObjectModel, name: str) -> bool:
    return name in model.fields and name in field_rights.readable(ctx, model)


def attach(ctx: Context, model: ObjectModel, records: list[Record], asked: tuple[str, ...]) -> None:
    """Give records their lines, where asked for, and the titles of what they point to, once somebody looks."""
    for name in asked:
        if "." not in name and model.fields[name].type.lines() is not None:
            load_children(ctx, model, records, name)
    titles = Titles(ctx, model, records)
    for record in records:
        record.titles = titles


@dataclass
class _Listing:
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

    def prepared(self) -> Prepared:
        """Build the statement: one select, or the best of each branch."""
        marks = self.marks()
        source = Source(self.ctx, self.model, marks=marks)
        if len(self.rules) == 1:
            columns, parts = select_parts(source, self.names)
            keys = self._keys(source)
            statement = sa.select(*columns, *keys).where(*self.conditions(source, self.rules[0], keys))
            statement = self._sorted(statement, keys).select_from(source.joined())
        else:
            columns, parts = select_parts(source, self.names)
            keys = self._keys(source)
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
        return {"filter"} if self.node is not None and is_volatile(self.node) else set()

    def _branch(self, rule: scope.Rule, marks: set[str]) -> Any:
        source = Source(self.ctx, self.model, marks=marks)
        keys = self._keys(source)
        inner = sa.select(source.table.c.id.label("k_id"), *(key.label(f"k{at}") for at, key in enumerate(keys)))
        inner = inner.where(*self.conditions(source, rule, keys)).select_from(source.joined())
        # SQLite takes no ORDER BY inside a UNION unless the select is a table of its own.
        limited = self._sorted(inner, keys).subquery()
        return sa.select(limited)

    def _keys(self, source: Source) -> list[Any]:
        return [source.sort_column(tuple(step.path.split("."))) for step in self.order]

    def conditions(self, source: Source, rule: scope.Rule, keys: list[Any]) -> list[Any]:
        """Say which rows of one branch are asked for, behind the cursor if there is one."""
        found: list[Any] = []
        if rule != scope.EVERY_ROW:
            found.append(either(self.ctx, source, (rule,)))
        if self.node is not None:
            found.append(where(self.node, source, self.ctx.setting(), self.ctx.dialect))
        if self.verb != "read":
            wanted = rights(self.ctx, source, self.verb)
            found += [] if wanted is None else [wanted]
        found += search.conditions(source, self.tokens)
        if self.blank_after is not None:
            found.append(_after(keys, self.order, self.blank_after))
        return found

    def _ordered(self, statement: Any, keys: list[Any]) -> Any:
        return statement.order_by(*(self._way(key, step) for key, step in zip(keys, self.order, strict=True)))

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
    ctx: Context, query: Query, listing: _Listing, key: Hashable, values: dict[str, Any]
) -> tuple[int | None, bool]:
    if query.count == "none":
        return None, False
    at_most = COUNTED_TO + 1 if query.count == "to_limit" else None
    ready = prepared(ctx, ("count", at_most, key), lambda: listing.counting(at_most))
    found = int(execute(ctx, ready, values).scalar_one())
    if query.count == "to_limit" and found > COUNTED_TO:
        return COUNTED_TO, True
    return found, False


def load_children(ctx: Context, model: ObjectModel, records: Sequence[Record], name: str) -> None:
    """Put the lines of a field into records, in their order. Whoever may read a record may read its lines."""
    lines = model.field(name).type.lines()
    child = ctx.catalog.object(str(lines))
    names = stored_names(ctx, child)
    found: dict[str, list[Record]] = {record.id: [] for record in records}
    if records:
        ready = prepared(ctx, ("lines", child.name, names, len(records) == 1), lambda: _lines(ctx, child, names))
        for row in execute(ctx, ready, {"parents": list(found)}):
            values = values_of(ready.parts, row)
            found[values["parent"]].append(Record(child.name, values["id"], None, values))
    every: list[Record] = []
    for record in records:
        record.values[name] = found[record.id]
        every += found[record.id]
    titles = Titles(ctx, child, every)
    for line in every:
        line.titles = titles


def _lines(ctx: Context, child: ObjectModel, names: tuple[str, ...]) -> Prepared:
    source = Source(ctx, child)
    columns, parts = select_parts(source, names)
    (parent,) = source.columns_of("parent")
    (position,) = source.columns_of("position")
    statement = (
        sa.select(*columns)
        .select_from(source.joined())
        .where(parent.in_(sa.bindparam("parents", expanding=True, type_=Key)))
        .order_by(parent, position, source.table.c.id)
    )
    return Prepared(statement, parts, asked_by(statement), kept=not source.marks)
