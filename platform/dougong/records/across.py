"""find records by words in all objects at once, in one statement"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dougong.access import fields as field_rights
from dougong.access import scope
from dougong.base.names import is_id
from dougong.base.sql_types import Key
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.records import read, search
from dougong.records.read import Part, Prepared, prepared
from dougong.records.source import Source, asked_by, rights

COUNTED_TO = 1000
"""What is counted of one object; more is `1000+`."""


@dataclass(frozen=True)
class Hit:
    """One record that was found."""

    id: str
    """Which one."""
    title: Any
    """The value of its title; None where it is blank or not for this reader."""
    subtitle: Any
    """The value of its subtitle."""


@dataclass(frozen=True)
class Found:
    """The records of one object that were found."""

    object: str
    """The object."""
    title: str | None
    """Where titles come from: a field, or a path over lookups; None where the reader may not see them."""
    subtitle: str | None
    """Where subtitles come from."""
    hits: tuple[Hit, ...]
    """The best of them; never empty."""
    more: bool
    """Whether there are others."""


@dataclass(frozen=True)
class _Target:
    """One object that is searched, and what is read of its records."""

    name: str
    title: str | None
    subtitle: str | None
    rules: tuple[scope.Rule, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What is read: paths, each once."""
        return tuple(dict.fromkeys(each for each in (self.title, self.subtitle) if each))


@dataclass(frozen=True)
class _United(Prepared):
    """A statement over several tables, and for each of them where a row of it holds its columns."""

    layout: tuple[tuple[tuple[Part, ...], tuple[int, ...]], ...] = ()


def find(ctx: Context, words: str, *, limit: int = 5, objects: Iterable[str] | None = None) -> tuple[Found, ...]:
    """Give the best records of each object that the reader may see and that hold every word, in one statement.

    Records that begin with the first word stand first, then all by their titles. `objects` are those that are
    searched, in this order; by default all.
    """
    tokens = search.tokens_of(words)
    targets = _targets(ctx, objects)
    if not tokens or not targets:
        return ()
    ready = prepared(
        ctx,
        ("across", targets, len(tokens), limit, _whose(ctx, targets)),
        lambda: _finding(ctx, targets, len(tokens), limit),
    )
    values = {f"token_{at}": search.pattern(token) for at, token in enumerate(tokens)}
    values["beginning"] = search.pattern(tokens[0]).removeprefix("%")
    found = _groups(targets, ready, read.execute(ctx, ready, values))
    return tuple(
        Found(target.name, target.title, target.subtitle, hits[:limit], len(hits) > limit) for target, hits in found
    )


def counts(ctx: Context, words: str, objects: Iterable[str]) -> Mapping[str, int]:
    """Count what is found of each object, each up to `COUNTED_TO` and one, in one statement."""
    tokens = search.tokens_of(words)
    targets = _targets(ctx, objects)
    if not tokens or not targets:
        return {}
    ready = prepared(
        ctx, ("across count", targets, len(tokens), _whose(ctx, targets)), lambda: _counting(ctx, targets, len(tokens))
    )
    values = {f"token_{at}": search.pattern(token) for at, token in enumerate(tokens)}
    rows: Sequence[Any] = read.execute(ctx, ready, values).all()
    return {targets[row[0]].name: row[1] for row in rows}


def known(ctx: Context, wanted: Sequence[tuple[str, str]]) -> tuple[tuple[Found, Hit], ...]:
    """Give those of some records, named by object and id, that the reader may see: in their order, in one statement."""
    ids: dict[str, list[str]] = {}
    for object_name, record_id in wanted:
        if is_id(record_id):
            ids.setdefault(object_name, []).append(record_id)
    targets = _targets(ctx, ids)
    if not targets:
        return ()
    ready = prepared(ctx, ("across known", targets, _whose(ctx, targets)), lambda: _knowing(ctx, targets))
    values = {f"ids_{at}": ids[target.name] for at, target in enumerate(targets)}
    by_id = {
        (target.name, hit.id): (Found(target.name, target.title, target.subtitle, hits, more=False), hit)
        for target, hits in _groups(targets, ready, read.execute(ctx, ready, values))
        for hit in hits
    }
    return tuple(by_id[key] for key in dict.fromkeys(wanted) if key in by_id)


def _targets(ctx: Context, objects: Iterable[str] | None) -> tuple[_Target, ...]:
    every = ctx.catalog.memo(_searchable)
    asked = every if objects is None else [name for name in dict.fromkeys(objects) if name in every]
    found = []
    for name in asked:
        model = ctx.catalog.object(name)
        rules = scope.rules(ctx, model, "read")
        if rules:
            title = _shown(ctx, model, model.title)
            found.append(_Target(name, title, _shown(ctx, model, model.definition.subtitle), rules))
    return tuple(found)


def _searchable(catalog: Catalog) -> tuple[str, ...]:
    return tuple(model.name for model in catalog.objects.values() if model.nature == "record" and model.title)


def _shown(ctx: Context, model: ObjectModel, path: str | None) -> str | None:
    """Give what is read for a title or subtitle: a lookup is shown by the title of what it points to."""
    if path is None:
        return None
    at = model
    for name in path.split("."):
        if name not in field_rights.readable(ctx, at):
            return None
        target = at.fields[name].type.lookup()
        if target is not None:
            at = ctx.catalog.object(target)
    last = path.rpartition(".")[2]
    if at.name != model.name and at.title and last != at.title:
        return f"{path}.{at.title}" if at.title in field_rights.readable(ctx, at) else None
    return path


def _whose(ctx: Context, targets: tuple[_Target, ...]) -> Hashable:
    return read.reading_rights(ctx, tuple(name for target in targets for name in target.names))


def _finding(ctx: Context, targets: tuple[_Target, ...], tokens: int, limit: int) -> _United:
    slots = _Slots()
    marks: set[str] = set()
    branches = []
    for at, target in enumerate(targets):
        source = Source(ctx, ctx.catalog.object(target.name), marks=marks)
        columns = slots.of(at, source, target)
        rank = sa.case(
            (source.table.c["_tokens"].like(sa.bindparam("beginning", type_=sa.Text), escape="\\"), 0), else_=1
        )
        keys = [rank, *_title_keys(source), source.table.c.id]
        inner = sa.select(*columns, *(key.label(f"k{position}") for position, key in enumerate(keys)))
        inner = inner.where(*_conditions(ctx, source), *search.conditions(source, tokens))
        best = inner.select_from(source.joined()).order_by(*keys).limit(limit + 1).subquery()
        order = [best.c[f"k{position}"] for position in range(len(keys))]
        branches.append((best, sa.func.row_number().over(order_by=order)))
    return slots.united(branches, marks)


def _knowing(ctx: Context, targets: tuple[_Target, ...]) -> _United:
    slots = _Slots()
    marks: set[str] = set()
    branches = []
    for at, target in enumerate(targets):
        source = Source(ctx, ctx.catalog.object(target.name), marks=marks)
        columns = slots.of(at, source, target)
        wanted = source.table.c.id.in_(sa.bindparam(f"ids_{at}", expanding=True, type_=Key))
        inner = sa.select(*columns).where(wanted, *_conditions(ctx, source)).select_from(source.joined())
        branches.append((inner.subquery(), sa.literal_column("0", sa.Integer)))
    return slots.united(branches, marks)


def _counting(ctx: Context, targets: tuple[_Target, ...], tokens: int) -> Prepared:
    marks: set[str] = set()
    branches = []
    for at, target in enumerate(targets):
        source = Source(ctx, ctx.catalog.object(target.name), marks=marks)
        inner = sa.select(source.table.c.id).where(*_conditions(ctx, source), *search.conditions(source, tokens))
        some = inner.select_from(source.joined()).limit(COUNTED_TO + 1).subquery()
        branches.append(sa.select(sa.literal_column(str(at), sa.Integer).label("at"), sa.func.count(some.c.id)))
    statement = sa.union_all(*branches) if len(branches) > 1 else branches[0]
    return Prepared(statement, (), asked_by(statement), kept=not marks)


def _conditions(ctx: Context, source: Source) -> list[Any]:
    allowed = rights(ctx, source, "read")
    return [] if allowed is None else [allowed]


def _title_keys(source: Source) -> list[Any]:
    field = source.model.field(str(source.model.title))
    if field.type.sort_column() is None or field.type.lookup() is not None:
        return []
    return [source.sort_column((field.name,))]


class _Slots:
    """Columns of several tables under one head: those of one database type share a column of the union."""

    def __init__(self) -> None:
        self._slots: list[tuple[str, Any]] = []
        self._used: list[dict[int, Any]] = []
        self._parts: list[tuple[Part, ...]] = []

    def of(self, at: int, source: Source, target: _Target) -> list[Any]:
        """Give the columns of one table, and remember where each belongs."""
        columns, parts = read.select_parts(source, target.names)
        self._parts.append(parts)
        taken: dict[int, Any] = {}
        for column in columns:
            taken[self._slot(column.type, taken)] = column
        self._used.append(taken)
        named = [column.label(f"s{slot}") for slot, column in taken.items()]
        return [sa.literal_column(str(at), sa.Integer).label("at"), source.table.c.id.label("id"), *named]

    def _slot(self, kind: Any, taken: Mapping[int, Any]) -> int:
        name = repr(kind)
        for slot, (known, _) in enumerate(self._slots):
            if known == name and slot not in taken:
                return slot
        self._slots.append((name, kind))
        return len(self._slots) - 1

    def united(self, branches: Sequence[tuple[Any, Any]], marks: set[str]) -> _United:
        """Put the branches below each other: which table, which record, its place, and then the shared columns."""
        selects = []
        for taken, (branch, place) in zip(self._used, branches, strict=True):
            filled = [
                branch.c[f"s{slot}"] if slot in taken else sa.cast(sa.null(), kind).label(f"s{slot}")
                for slot, (_, kind) in enumerate(self._slots)
            ]
            selects.append(sa.select(branch.c["at"], branch.c["id"], place.label("place"), *filled))
        statement = sa.union_all(*selects) if len(selects) > 1 else selects[0]
        places = tuple(tuple(taken) for taken in self._used)
        layout = tuple(zip(self._parts, places, strict=True))
        return _United(statement, (), asked_by(statement), kept=not marks, layout=layout)


def _groups(
    targets: tuple[_Target, ...], ready: Prepared, rows: Iterable[Sequence[Any]]
) -> list[tuple[_Target, tuple[Hit, ...]]]:
    layout = ready.layout if isinstance(ready, _United) else ()
    found: dict[int, list[tuple[int, Hit]]] = {}
    for row in rows:
        at = row[0]
        target, (parts, slots) = targets[at], layout[at]
        values = read.values_of(parts, [row[3 + slot] for slot in slots])
        hit = Hit(row[1], values.get(target.title or ""), values.get(target.subtitle or ""))
        found.setdefault(at, []).append((row[2], hit))
    ordered = {at: sorted(hits, key=lambda each: (each[0], each[1].id)) for at, hits in found.items()}
    return [(targets[at], tuple(hit for _, hit in ordered[at])) for at in sorted(ordered)]
