"""what changed between two catalogs, in words"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dougong.catalog.model import Bundle, Catalog
from dougong.definitions.kinds import KINDS
from dougong.definitions.kinds.object import Field, Object
from dougong.definitions.kinds.parts import Definition
from dougong.definitions.kinds.patch import Patch
from dougong.storage.counts import Counts
from dougong.storage.installed import FieldMatch, ObjectMatch
from dougong.storage.plan import Change, ComputeColumn, ConvertColumn, RetireColumn, RetireTable, Sign, Step
from dougong.storage.sweep import KEPT_FOR

KEPT_DAYS = KEPT_FOR.days

_ASIDE = frozenset({"place", "bundle", "fields"})
_NOTHING: Mapping[str, Definition] = {}


def between(
    before: Catalog | None, after: Catalog, matches: Mapping[str, ObjectMatch], steps: Sequence[Step], counts: Counts
) -> Iterator[Change]:
    """Say what comes, changes and goes: objects field by field, the rest definition by definition."""
    for model in after.objects.values():
        yield from _object(before, after, matches, model.name, steps, counts)
    yield from _gone_objects(before, after, matches, steps)
    for kind in KINDS:
        if kind not in (Object.KIND, Bundle.KIND, Patch.KIND):
            old = before.definitions.get(kind, _NOTHING) if before else _NOTHING
            yield from _definitions(kind, old, after.definitions.get(kind, _NOTHING))
    yield from _processes(before.processes if before else {}, after.processes)


def versions(before: Catalog | None, after: Catalog) -> Iterator[tuple[str, str, str]]:
    """Give the bundles whose version changes: name, from, to."""
    old = {each.name: each.version for each in before.of(Bundle).values()} if before else {}
    new = {each.name: each.version for each in after.of(Bundle).values()}
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield name, old.get(name, ""), new.get(name, "")


def _object(
    before: Catalog | None,
    after: Catalog,
    matches: Mapping[str, ObjectMatch],
    name: str,
    steps: Sequence[Step],
    counts: Counts,
) -> Iterator[Change]:
    now = after.objects[name]
    found = matches.get(name)
    was_name = found.stored.name if found and found.stored else name
    old = before.objects.get(was_name) if before else None
    layer = now.definition.bundle
    if old is None:
        said = "comes back with what was kept" if found and found.is_back else "new object"
        yield Change("+", layer, name, "", said, f"{len(list(now.own_fields()))} fields")
        return
    if was_name != name:
        yield Change("»", layer, name, "", f"was '{was_name}'")
    keys = _keys(old.definition, now.definition)
    if keys:
        yield Change("~", layer, f"object {name}", "", ", ".join(keys))
    if found is None:
        return
    for each in now.own_fields():
        yield from _field(old.fields, each, found, layer, steps, counts)
    there = {match.stored.id for match in found.fields.values() if match.stored}
    for gone in found.stored.fields.values() if found.stored else ():
        if gone.id not in there and gone.name in old.fields and not old.fields[gone.name].is_system:
            column = gone.columns[0].name if gone.columns else ""
            yield Change(
                "-", layer, f"{name}.{gone.name}", old.fields[gone.name].type.name, "hidden", _kept(steps, column)
            )


def _field(
    old_fields: Mapping[str, Field],
    each: Field,
    owner: ObjectMatch,
    layer: str,
    steps: Sequence[Step],
    counts: Counts,
) -> Iterator[Change]:
    found = owner.fields[each.name]
    what = f"{owner.name}.{each.name}"
    old = old_fields.get(found.stored.name) if found.stored and not found.is_back else None
    if old is None:
        said = "comes back with its values" if found.is_back else "new field"
        yield Change("+", layer, what, each.type.name, said, _computed(steps, what))
        return
    if old.name != each.name:
        yield Change("»", layer, what, each.type.name, f"was '{old.name}'")
    computed = _computed(steps, what)
    if found.is_converted and found.stored and computed and old.type.computed_by() is None:
        kept = _kept(steps, found.stored.columns[0].name) if found.stored.columns else ""
        affected = ", ".join(part for part in (computed, kept) if part)
        yield Change("»", layer, what, each.type.name, f"type: {old.type.name} → {each.type.name}", affected)
    elif old.type.name != each.type.name or (found.is_converted and old.type.computed_by() is None):
        yield Change(
            "»", layer, what, each.type.name, f"type: {old.type.name} → {each.type.name}", _converted(steps, what)
        )
    elif old.type != each.type or computed:
        yield Change("~", layer, what, each.type.name, ", ".join(_options(old.type, each.type)), computed)
    for key in _keys(old, each, aside={"type", "name", "was"}):
        affected = _empty(counts, owner, found) if key == "required" and each.required else ""
        yield Change("~", layer, what, each.type.name, _said(key, old, each), affected)


def _gone_objects(
    before: Catalog | None, after: Catalog, matches: Mapping[str, ObjectMatch], steps: Sequence[Step]
) -> Iterator[Change]:
    renamed = {match.stored.name for match in matches.values() if match.stored}
    for name, model in (before.objects if before else {}).items():
        if name not in after.objects and name not in renamed:
            yield Change(
                "-",
                model.definition.bundle,
                name,
                "",
                "hidden",
                _kept(steps, "", before.physical.table(name) if before else ""),
            )


def _definitions(kind: str, old: Mapping[str, Definition], new: Mapping[str, Definition]) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        what = f"{kind} {name}"
        if name not in old:
            yield Change("+", new[name].bundle, what)
        elif name not in new:
            yield Change("-", old[name].bundle, what)
        else:
            keys = _keys(old[name], new[name])
            if keys:
                yield Change("~", new[name].bundle, what, "", ", ".join(keys))


def _processes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    """Say which BPMN files come, change and go; flows that run stay on the one they began with."""
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            sign: Sign = "+" if key not in old else "-" if key not in new else "~"
            yield Change(sign, key.partition("/")[0], f"process {key}", "", "")


def _keys(old: Any, new: Any, *, aside: Iterable[str] = ()) -> list[str]:
    """Name the keys of a definition or a part that say something else now."""
    left = _ASIDE | set(aside)
    names = [name for name in type(new).model_fields if name not in left]
    return [name for name in names if getattr(old, name, None) != getattr(new, name, None)]


def _options(old: Any, new: Any) -> list[str]:
    if type(old) is not type(new):
        return ["type"]
    return [name for name in type(new).model_fields if getattr(old, name) != getattr(new, name)]


def _said(key: str, old: Field, new: Field) -> str:
    """Say a changed key, with both values where they are short."""
    before, after = getattr(old, key), getattr(new, key)
    if isinstance(before, bool) or isinstance(after, bool):
        words = {True: "yes", False: "no", None: "by default"}
        return f"{key}: {words.get(before, before)} → {words.get(after, after)}"
    return key


def _empty(counts: Counts, owner: ObjectMatch, found: FieldMatch) -> str:
    if not found.stored or not found.stored.columns:
        return ""
    rows = counts.rows(owner.physical)
    empty = rows - counts.values(owner.physical, found.stored.columns[0].name)
    return f"{empty:,} of {rows:,} records are empty" if empty else ""


def _kept(steps: Sequence[Step], column: str, table: str = "") -> str:
    for step in steps:
        match step:
            case RetireColumn(columns=columns, values=values) if column and columns[0] == column and values:
                return f"{values:,} {'value' if values == 1 else 'values'} kept for {KEPT_DAYS} days"
            case RetireTable(table=gone, records=records) if table and gone == table and records:
                return f"{records:,} {'record' if records == 1 else 'records'} kept for {KEPT_DAYS} days"
            case _:
                continue
    return ""


def _computed(steps: Sequence[Step], what: str) -> str:
    for step in steps:
        match step:
            case ComputeColumn(object=owner, field=field, records=count) if what == f"{owner}.{field}" and count:
                return f"computed for {count:,} {'record' if count == 1 else 'records'}"
            case _:
                continue
    return ""


def _converted(steps: Sequence[Step], what: str) -> str:
    for step in steps:
        match step:
            case ConvertColumn(object=owner, field=field, expected=expected, lost=lost) if what == f"{owner}.{field}":
                if not lost:
                    return f"{expected:,} values converted" if expected else ""
                return f"{expected:,} values converted, {lost:,} cannot be and are kept aside for {KEPT_DAYS} days"
            case _:
                continue
    return ""
