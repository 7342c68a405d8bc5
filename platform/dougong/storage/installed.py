"""which catalog the database holds, and the names it chose for objects and fields"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

import sqlalchemy as sa

from dougong.base.names import new_id
from dougong.catalog.model import Catalog, ObjectModel
from dougong.catalog.physical import Physical
from dougong.storage import shapes
from dougong.storage.platform_tables import catalog_state, definition_file, installed_name
from dougong.storage.shapes import IndexShape

Retired = Literal["", "dropped", "converted"]
"""Why something is kept aside: its author dropped it, or it was converted into another column."""


@dataclass(frozen=True)
class StoredColumn:
    """One physical column as it is now."""

    name: str
    suffix: str
    signature: str
    references: str | None = None


@dataclass(frozen=True)
class StoredField:
    """What the installation remembers of a field."""

    id: str
    name: str
    physical: str
    columns: tuple[StoredColumn, ...] = ()
    retired: Retired = ""

    def has_columns_of(self, wanted: Iterable[shapes.ColumnShape]) -> bool:
        """Whether exactly these columns are there already."""
        there = {(each.suffix, each.signature, each.references) for each in self.columns}
        return there == {(each.suffix, each.signature, each.references) for each in wanted}


@dataclass(frozen=True)
class StoredObject:
    """What the installation remembers of an object."""

    id: str
    name: str
    physical: str
    hidden: tuple[StoredColumn, ...] = ()
    indexes: tuple[IndexShape, ...] = ()
    fields: Mapping[str, StoredField] = field(default_factory=dict)
    aside: tuple[StoredField, ...] = ()
    """Fields that are kept aside."""
    retired: Retired = ""

    def taken(self) -> set[str]:
        """All columns the table has, kept ones too."""
        fields = (*self.fields.values(), *self.aside)
        return {column.name for each in fields for column in each.columns} | {each.physical for each in fields}


@dataclass(frozen=True)
class Installed:
    """The catalog's outline as the database holds it."""

    fingerprint: str
    objects: Mapping[str, StoredObject]
    aside: tuple[StoredObject, ...] = ()
    """Objects that are kept aside."""

    def physical(self) -> Physical:
        """Give the physical names for the catalog."""
        tables = {each.name: each.physical for each in self.objects.values()}
        columns = {
            (each.name, field.name): field.physical for each in self.objects.values() for field in each.fields.values()
        }
        return Physical(MappingProxyType(tables), MappingProxyType(columns))


def fingerprint(connection: sa.Connection) -> str:
    """Give the fingerprint of the published catalog; blank where none is."""
    return connection.execute(sa.select(catalog_state.c.fingerprint)).scalar() or ""


def files(connection: sa.Connection) -> dict[str, dict[str, str]]:
    """Give the installed definitions: texts by layer and path."""
    found: dict[str, dict[str, str]] = {}
    table = definition_file
    for layer, path, text in connection.execute(sa.select(table.c.layer, table.c.path, table.c.text)):
        found.setdefault(layer, {})[path] = text
    return found


def read(connection: sa.Connection) -> Installed:
    """Read what is installed."""
    table = installed_name
    rows = connection.execute(
        sa.select(table.c.id, table.c.object, table.c.name, table.c.physical, table.c.columns, table.c.retired_at)
    ).all()
    fields: dict[str, list[StoredField]] = {}
    for row in rows:
        if row.object is not None:
            fields.setdefault(row.object, []).append(_field(row))
    objects = [_object(row, fields.get(row.id, [])) for row in rows if row.object is None]
    return Installed(
        fingerprint(connection),
        MappingProxyType({each.name: each for each in objects if not each.retired}),
        tuple(each for each in objects if each.retired),
    )


def retired_before(connection: sa.Connection, moment: dt.datetime) -> list[tuple[str, str | None]]:
    """Give (id, object's id) of what was kept aside before a moment."""
    table = installed_name
    found = connection.execute(sa.select(table.c.id, table.c.object).where(table.c.retired_at < moment))
    return [(row.id, row.object) for row in found]


def _field(row: Any) -> StoredField:
    data = json.loads(row.columns)
    columns = tuple(StoredColumn(**each) for each in data["columns"])
    return StoredField(row.id, row.name, row.physical, columns, data["retired"])


def _object(row: Any, fields: list[StoredField]) -> StoredObject:
    data = json.loads(row.columns)
    return StoredObject(
        row.id,
        row.name,
        row.physical,
        tuple(StoredColumn(**each) for each in data["hidden"]),
        tuple(IndexShape(each["name"], tuple(each["columns"]), each["unique"]) for each in data["indexes"]),
        MappingProxyType({each.name: each for each in fields if not each.retired}),
        tuple(each for each in fields if each.retired),
        data["retired"],
    )


def field_body(each: StoredField) -> str:
    """Give the JSON of a field's row."""
    return json.dumps({"columns": [vars(column) for column in each.columns], "retired": each.retired})


def object_body(each: StoredObject) -> str:
    """Give the JSON of an object's row."""
    indexes = [{"name": index.name, "columns": list(index.columns), "unique": index.unique} for index in each.indexes]
    return json.dumps({"hidden": [vars(column) for column in each.hidden], "indexes": indexes, "retired": each.retired})


@dataclass(frozen=True)
class ObjectMatch:
    """An object of the wanted catalog, and what is there for it."""

    id: str
    name: str
    physical: str
    stored: StoredObject | None = None
    is_back: bool = False
    """It was kept aside and returns."""
    fields: Mapping[str, FieldMatch] = field(default_factory=dict)


@dataclass(frozen=True)
class FieldMatch:
    """A field of the wanted catalog, and what is there for it."""

    id: str
    name: str
    physical: str
    stored: StoredField | None = None
    is_back: bool = False
    is_converted: bool = False
    """Its type stores otherwise: it gets a column of its own."""


def match(installed: Installed, before: Catalog | None, catalog: Catalog) -> dict[str, ObjectMatch]:
    """Find for each wanted object and field what is there, and choose names for what is not.

    By its name, else by a name it had before (`was`), else among what was kept aside. `before` is the catalog that
    holds: a formula gets no column that people's values may be in.
    """
    tables = _match_tables(installed, catalog)
    physical = Physical({name: found.physical for name, found in tables.items()}, {})
    named = replace(catalog, physical=physical, _memo={})
    return {
        name: replace(found, fields=_match_fields(before, named, catalog.objects[name], found))
        for name, found in tables.items()
    }


def physical_of(matches: Mapping[str, ObjectMatch]) -> Physical:
    """Give the physical names of the wanted catalog."""
    tables = {each.name: each.physical for each in matches.values()}
    columns = {(each.name, field.name): field.physical for each in matches.values() for field in each.fields.values()}
    return Physical(MappingProxyType(tables), MappingProxyType(columns))


def named(catalog: Catalog, physical: Physical, files_fingerprint: str) -> Catalog:
    """Give the catalog with the installation's names. Both texts and names are in its fingerprint."""
    said = json.dumps([sorted(physical.tables.items()), sorted((*key, name) for key, name in physical.columns.items())])
    fingerprint = hashlib.sha256(f"{files_fingerprint}\n{said}".encode()).hexdigest()
    return replace(catalog, physical=physical, fingerprint=fingerprint, _memo={})


def _match_tables(installed: Installed, catalog: Catalog) -> dict[str, ObjectMatch]:
    everything = (*installed.objects.values(), *installed.aside)
    taken = {each.physical for each in everything}
    found: dict[str, ObjectMatch] = {}
    for model in shapes.stored(catalog):
        stored = installed.objects.get(model.name) or _was(model.definition.was, installed.objects, catalog.objects)
        back = None if stored else _last(each for each in installed.aside if each.name == model.name)
        known = stored or back
        if known is not None:
            found[model.name] = ObjectMatch(known.id, model.name, known.physical, known, is_back=back is not None)
            continue
        physical = _free(model.definition.table or f"d_{model.name}", taken)
        taken.add(physical)
        found[model.name] = ObjectMatch(new_id(), model.name, physical)
    return found


def _match_fields(
    before: Catalog | None, catalog: Catalog, model: ObjectModel, owner: ObjectMatch
) -> Mapping[str, FieldMatch]:
    stored = owner.stored
    taken = set(stored.taken()) if stored else set()
    if stored:
        taken |= {column.name for column in stored.hidden}
    there = stored.fields if stored else {}
    found: dict[str, FieldMatch] = {}
    for each in model.fields.values():
        wanted = shapes.field_columns(catalog, model, each)
        known = there.get(each.name) or _was(each.was, there, model.fields)
        is_stored_formula = bool(wanted) and each.type.computed_by() is not None
        is_fit = not is_stored_formula or (known is not None and was_computed(before, stored, known))
        if known is not None and is_fit and not _is_converted(known, wanted):
            found[each.name] = FieldMatch(known.id, each.name, known.physical, known)
            continue
        aside = stored.aside if stored and known is None and not is_stored_formula else ()
        back = _last(
            old for old in aside if old.name == each.name and old.retired == "dropped" and old.has_columns_of(wanted)
        )
        if back is not None:
            found[each.name] = FieldMatch(back.id, each.name, back.physical, back, is_back=True)
            continue
        physical = _free(each.column or _safe(each.name), taken, [column.suffix for column in wanted])
        taken |= {physical, *(shapes.physical_column(physical, column.suffix) for column in wanted)}
        identity = known.id if known else new_id()
        found[each.name] = FieldMatch(identity, each.name, physical, known, is_converted=known is not None)
    return MappingProxyType(found)


def was_computed(before: Catalog | None, owner: StoredObject | None, known: StoredField) -> bool:
    """Whether a stored field is a formula in the catalog that holds, so that its values can be had again."""
    model = before.objects.get(owner.name) if before is not None and owner is not None else None
    field = model.fields.get(known.name) if model is not None else None
    return field is not None and field.type.computed_by() is not None


def _is_converted(known: StoredField, wanted: tuple[shapes.ColumnShape, ...]) -> bool:
    """Whether the value stores otherwise now. Columns beside the first may come and go."""
    there = {each.suffix: each for each in known.columns}
    if bool(there) != bool(wanted):
        return True
    for each in wanted:
        old = there.get(each.suffix)
        if old is None:
            if not each.suffix:
                return True
            continue
        moved = old.references and each.references and old.references != each.references
        if old.signature != each.signature or moved:
            return True
    return False


def _was(names: Iterable[str], there: Mapping[str, Any], wanted: Mapping[str, Any]) -> Any:
    """Find what something was called before, unless that name is used by something else now."""
    return next((there[name] for name in names if name in there and name not in wanted), None)


def _last(found: Iterable[Any]) -> Any:
    """Give the one that was kept aside last; ids ascend in time."""
    return max(found, key=lambda each: each.id, default=None)


def _safe(name: str) -> str:
    """Keep a field's column out of the way of the history table's own columns."""
    return f"{name}_" if name in shapes.RESERVED_COLUMNS else name


def _free(name: str, taken: Set[str], suffixes: Iterable[str] = ()) -> str:
    """Give the name, or the next version of it where something kept aside has it."""
    parts = [*suffixes, ""]
    candidate, number = name, 2
    while any(shapes.physical_column(candidate, suffix) in taken for suffix in parts):
        candidate, number = f"{name}__v{number}", number + 1
    return candidate
