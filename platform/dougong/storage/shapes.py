"""the tables, columns, indexes and foreign keys that a catalog wants, as data"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from dougong.base.sql_types import Key, Moment
from dougong.catalog.model import Catalog, ObjectModel, View
from dougong.definitions.kinds.object import Field

HISTORY = "__history"
LONGEST_IDENTIFIER = 63
RESERVED_COLUMNS = frozenset({"n", "change", "valid_from", "valid_to", "op"})
"""Columns that history tables have of their own: a field of such a name gets a column with `_` at the end."""

_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class ColumnShape:
    """One physical column of a live table; its history table has the same, without default and foreign key."""

    name: str
    type: sa.types.TypeEngine[Any]
    field: str = ""
    """Whose column it is; blank for the hidden ones."""
    suffix: str = ""
    is_key: bool = False
    references: str | None = None
    """The table that a lookup points to."""
    default: str | None = None
    """A constant in SQL that rows get which were there before."""

    @property
    def signature(self) -> str:
        """Say how values are stored, so that two types can be compared without a database."""
        return signature(self.type)


@dataclass(frozen=True)
class IndexShape:
    """One index of a live table."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True)
class TableShape:
    """One live table: its columns and its indexes."""

    object: str
    name: str
    fields: tuple[str, ...]
    """All fields, also those without columns."""
    columns: tuple[ColumnShape, ...]
    indexes: tuple[IndexShape, ...] = ()

    @property
    def history(self) -> str:
        """The name of the history table."""
        return self.name + HISTORY

    def digest(self) -> str:
        """Give the digest of what a `sa.Table` is built from: names, fields and types."""
        said = repr(
            (self.object, self.name, self.fields, [(c.name, c.field, c.suffix, c.signature) for c in self.columns])
        )
        return hashlib.sha256(said.encode()).hexdigest()


def signature(kind: sa.types.TypeEngine[Any]) -> str:
    """Say how values of a column type are stored."""
    return f"{type(kind).__name__} {kind.compile(dialect=_POSTGRESQL)}"


def of(catalog: Catalog, object_name: str) -> TableShape:
    """Give the table that an object wants, computed once in a catalog's life."""
    return catalog.memo(_of, object_name)


def is_stored(model: ObjectModel) -> bool:
    """Whether an object's records live in a table of ours."""
    return model.nature != "external"


def stored(catalog: Catalog) -> Iterator[ObjectModel]:
    """All objects with a table of ours."""
    return (model for model in catalog.objects.values() if is_stored(model))


def physical_column(column: str, suffix: str) -> str:
    """Give the name of a field's further column: `amount` and `_currency` make `amount__currency`."""
    return f"{column}_{suffix}" if suffix else column


def field_columns(catalog: Catalog, model: ObjectModel, field: Field) -> tuple[ColumnShape, ...]:
    """Give the columns of one field, in the order of its type."""
    first = catalog.physical.column(model.name, field.name)
    target = field.type.lookup()
    references = catalog.physical.table(target) if target and _is_enforced(catalog, field, target) else None
    return tuple(
        ColumnShape(
            name=physical_column(first, column.suffix),
            type=Key() if field.name == "id" else column.type,
            field=field.name,
            suffix=column.suffix,
            is_key=field.name == "id",
            references=references if not column.suffix else None,
            default=_constant(field) if not column.suffix else None,
        )
        for column in field.type.columns()
    )


def _of(catalog: Catalog, object_name: str) -> TableShape:
    model = catalog.object(object_name)
    columns = [column for field in model.fields.values() for column in field_columns(catalog, model, field)]
    columns.append(ColumnShape("_change", Key()))
    if model.nature == "record":
        columns.append(ColumnShape("_tokens", sa.Text()))
    if model.nature == "child":
        columns.append(ColumnShape("_since", Moment()))
    table = catalog.physical.table(object_name)
    return TableShape(object_name, table, tuple(model.fields), tuple(columns), tuple(_indexes(catalog, model, table)))


def _is_enforced(catalog: Catalog, field: Field, target: str) -> bool:
    """Whether the database holds a lookup's foreign key. Who wrote a record is never deleted, so that needs none."""
    if field.is_system and field.name not in ("owner", "unit", "parent"):
        return False
    found = catalog.objects.get(target)
    return found is not None and is_stored(found)


def _constant(field: Field) -> str | None:
    """Give what rows that were there before have in a new field that is never blank."""
    if field.name == "version":
        return "1"
    absent = field.type.blank()
    if not isinstance(absent, bool):
        return None
    value = field.default if isinstance(field.default, bool) else absent
    return "TRUE" if value else "FALSE"


def _indexes(catalog: Catalog, model: ObjectModel, table: str) -> list[IndexShape]:
    """Derive the indexes of a table; one that is the beginning of another is left out."""
    wanted: dict[tuple[tuple[str, ...], bool], None] = {}
    for columns in _unique(catalog, model):
        wanted[(columns, True)] = None
    for columns in _plain(catalog, model):
        wanted[(columns, False)] = None
    longest = [columns for columns, _ in wanted]
    kept = []
    for columns, unique in wanted:
        covered = any(other[: len(columns)] == columns and other != columns for other in longest)
        twice = not unique and (columns, True) in wanted
        if unique or not (covered or twice):
            kept.append(IndexShape(index_name(table, columns, unique=unique), columns, unique))
    return kept


def _unique(catalog: Catalog, model: ObjectModel) -> Iterator[tuple[str, ...]]:
    for field in model.own_fields():
        if field.unique:
            yield _first_columns(catalog, model, (field.name,))
    for group in model.definition.unique:
        yield _first_columns(catalog, model, group.fields)


def _plain(catalog: Catalog, model: ObjectModel) -> Iterator[tuple[str, ...]]:
    for field in model.fields.values():
        if field.type.columns() and (field.index or (field.type.lookup() and _is_indexed(field))):
            yield _first_columns(catalog, model, (field.name,))
    for index in model.definition.indexes:
        yield _first_columns(catalog, model, index.fields)
    if model.nature == "child" and "position" in model.fields:
        yield _first_columns(catalog, model, ("parent", "position"))
    for sorted_by in _sorted_by(catalog, model):
        yield from _for_sorting(catalog, model, sorted_by)


def _for_sorting(catalog: Catalog, model: ObjectModel, column: str) -> Iterator[tuple[str, ...]]:
    """Give what a sorted page of each branch of rights reads: all, mine, my units'."""
    tail = (column,) if column == "id" else (column, "id")
    if column != "id":
        yield tail
    for scope in ("owner", "unit"):
        if scope in model.fields:
            yield (*_first_columns(catalog, model, (scope,)), *tail)


def _is_indexed(field: Field) -> bool:
    return not field.is_system or field.name in ("owner", "unit", "parent")


def _sorted_by(catalog: Catalog, model: ObjectModel) -> Iterator[str]:
    """Give the columns that the object's views sort by first."""
    for view in catalog.of(View).values():
        if view.object != model.name or not view.sort:
            continue
        field = model.fields.get(view.sort[0].removeprefix("-"))
        suffix = field.type.sort_column() if field else None
        if field is not None and suffix is not None and field.type.columns():
            yield physical_column(catalog.physical.column(model.name, field.name), suffix)


def _first_columns(catalog: Catalog, model: ObjectModel, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(catalog.physical.column(model.name, model.field(name).name) for name in names)


def index_name(table: str, columns: tuple[str, ...], *, unique: bool) -> str:
    """Name an index after what it is on; a long name ends in a digest."""
    return short_name(f"{'ux' if unique else 'ix'}_{table}_{'_'.join(columns)}")


def foreign_key_name(table: str, column: str) -> str:
    """Name a foreign key after its column."""
    return short_name(f"fk_{table}_{column}")


def short_name(name: str) -> str:
    """Keep an identifier within what PostgreSQL takes."""
    if len(name) <= LONGEST_IDENTIFIER:
        return name
    return f"{name[: LONGEST_IDENTIFIER - 11]}_{hashlib.sha256(name.encode()).hexdigest()[:10]}"
