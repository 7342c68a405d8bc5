"""what is selected: fields, paths and lines of records, as far as the actor may read them"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from dougong.expressions.check import check
from dougong.expressions.parse import parse
from dougong.expressions.to_sql import overflowed
from dougong.expressions.tree import Node
from dougong.expressions.types import BOOLEAN, Type
from dougong.records import options
from dougong.records.query import Record
from dougong.records.references import Titles
from dougong.records.source import Source, asked_by, either
from dougong.sdk.field_type import FieldType
from dougong.storage.database import GATE

MOST_PREPARED = 500


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
            node = check(parse(text), ReadableScope(ctx), model.name, expect=BOOLEAN)
            options.hold(ctx, model, node)
            store[key] = node
        except DougongError as wrong:
            raise unreadable(wrong) from wrong
    found: Node = store[key]
    return found


def unreadable(wrong: DougongError) -> BadRequest:
    """Say what is wrong with a caller's filter, and how to mend it where that can be guessed."""
    hint = getattr(wrong, "hint", None)
    if hint is None:
        return BadRequest(Message("The filter cannot be read: {reason}", code="filter", reason=wrong.message))
    said = "The filter cannot be read: {reason}; {hint}"
    return BadRequest(Message(said, code="filter", reason=wrong.message, hint=hint))


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
    key = ("one", model.name, names, rules, lock, reading_rights(ctx, names))
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


def reading_rights(ctx: Context, names: tuple[str, ...]) -> Hashable:
    """Give what a statement depends on besides its own object's rules: the rights on what its paths lead to."""
    if any("." in name for name in names):
        return (ctx.actor.roles, ctx.actor.is_system, ctx.actor.token_scope)
    return None


def must_read(ctx: Context, model: ObjectModel) -> None:
    """Raise `NotAllowed` where the actor may read no record of an object at all."""
    if not scope.rules(ctx, model, "read"):
        ceilings.hold(ctx.actor, model.name, "read")
        raise NotAllowed(
            Message("You may not see {objects}.", code="not_allowed", objects=model.definition.shown_plural())
        )


def asked_names(ctx: Context, model: ObjectModel, asked: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Give the paths to select, always with id and version, and which asked names stand for another path."""
    paths = {name: name if _is_plain(ctx, model, name) else resolve(ctx, model, name) for name in asked}
    kept = [path for path in paths.values() if "." in path or model.fields[path].type.lines() is None]
    system = [name for name in ("id", "version") if name in model.fields]
    names = tuple(dict.fromkeys([*system, *kept]))
    return names, {name: path for name, path in paths.items() if name != path}


def as_asked(values: dict[str, Any], labels: Mapping[str, str], asked: Sequence[str]) -> None:
    """Give values by the names that were asked for, and by no other."""
    for name, path in labels.items():
        values[name] = values[path]
    for path in set(labels.values()) - set(asked):
        del values[path]


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
