"""installed catalog and wanted catalog into a plan"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import sqlalchemy as sa

from dougong.base.names import new_id
from dougong.base.sql_types import Key, Moment
from dougong.catalog.model import Catalog
from dougong.storage import changes, compute, installed, shapes
from dougong.storage.compute import Computation
from dougong.storage.convert import Conversion
from dougong.storage.counts import Counts
from dougong.storage.installed import FieldMatch, Installed, ObjectMatch, StoredColumn, StoredField, StoredObject
from dougong.storage.plan import (
    AddColumn,
    AddForeignKey,
    AddIndex,
    BackfillColumn,
    ComputeColumn,
    ConvertColumn,
    CreateTable,
    DropIndex,
    FileChange,
    Name,
    NewColumn,
    Plan,
    RenameField,
    RenameObject,
    RetireColumn,
    RetireTable,
    ReviveColumn,
    ReviveTable,
    Step,
)
from dougong.storage.shapes import ColumnShape, IndexShape, TableShape


@dataclass
class Draft:
    """A plan in the making: steps by when they may happen, and the rows of names."""

    create: list[Step] = field(default_factory=list)
    add: list[Step] = field(default_factory=list)
    hold: list[Step] = field(default_factory=list)
    fill: list[Step] = field(default_factory=list)
    compute: list[Step] = field(default_factory=list)
    index: list[Step] = field(default_factory=list)
    rename: list[Step] = field(default_factory=list)
    end: list[Step] = field(default_factory=list)
    names: list[Name] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def steps(self) -> tuple[Step, ...]:
        """All steps, in the order in which they are carried out."""
        order = (self.create, self.add, self.hold, self.fill, self.compute, self.index, self.rename, self.end)
        return tuple(step for part in order for step in part)


@dataclass(frozen=True)
class Sides:
    """What is there, what is wanted, and the database to count in."""

    installed: Installed
    before: Catalog | None
    after: Catalog
    counts: Counts
    dialect: sa.Dialect
    zone: str

    @property
    def is_sqlite(self) -> bool:
        """Whether foreign keys come and go only with their columns."""
        return self.dialect.name == "sqlite"

    def column(self, shape: ColumnShape, *, live: bool = True) -> NewColumn:
        """Say a column in the words of the database."""
        return NewColumn(
            shape.name,
            shape.type.compile(dialect=self.dialect),
            is_key=shape.is_key and live,
            default=shape.default if live else None,
            references=shape.references if live and self.is_sqlite else None,
        )


def diff(
    there: Installed,
    before: Catalog | None,
    wanted: Catalog,
    files: Sequence[FileChange],
    *,
    files_fingerprint: str,
    connection: sa.Connection,
    zone: str,
) -> Plan:
    """Find everything that must change so that the database holds the wanted catalog. Changes nothing."""
    matches = installed.match(there, before, wanted)
    after = installed.named(wanted, installed.physical_of(matches), files_fingerprint)
    sides = Sides(there, before, after, Counts(connection), connection.dialect, zone)
    draft = Draft()
    for found in matches.values():
        _object(sides, found, draft)
    used = {found.id for found in matches.values()}
    for gone in there.objects.values():
        if gone.id not in used:
            _retire_object(sides, gone, draft)
    return Plan(
        base=there.fingerprint,
        fingerprint=after.fingerprint,
        dialect=connection.dialect.name,
        files=tuple(files),
        changes=tuple(changes.between(before, after, matches, draft.steps(), sides.counts)),
        steps=draft.steps(),
        names=tuple(draft.names),
        versions=tuple(changes.versions(before, after)),
        problems=tuple(draft.problems),
        after=after,
        before=before,
    )


def _object(sides: Sides, found: ObjectMatch, draft: Draft) -> None:
    """Bring one object's table to what is wanted."""
    shape = shapes.of(sides.after, found.name)
    stored = found.stored
    if stored is None:
        _create(sides, shape, draft)
    else:
        if found.is_back:
            _revive_table(sides, shape, stored, draft)
        elif stored.name != found.name:
            draft.rename.append(RenameObject(stored.name, found.name))
        _hidden(sides, shape, stored, draft)
    fields: dict[str, StoredField] = {}
    aside: list[StoredField] = list(stored.aside) if stored else []
    for each in found.fields.values():
        wanted = tuple(column for column in shape.columns if column.field == each.name)
        if stored is not None:
            aside += _field(sides, shape, stored, each, wanted, draft)
        columns = tuple(StoredColumn(one.name, one.suffix, one.signature, one.references) for one in wanted)
        fields[each.name] = StoredField(each.id, each.name, each.physical, columns)
    if stored is not None:
        kept = {each.id for each in fields.values()}
        for gone in (each for each in stored.fields.values() if each.id not in kept):
            aside.append(_retire_field(sides, shape, stored, gone, draft))
        aside = [each for each in aside if each.id not in kept]
        _compute(sides, shape, stored, found, draft)
    _index(sides, shape, stored, draft)
    hidden = tuple(StoredColumn(one.name, "", one.signature) for one in shape.columns if not one.field)
    now = StoredObject(
        found.id, found.name, found.physical, hidden, shape.indexes, MappingProxyType(fields), tuple(aside)
    )
    draft.names += _changed_names(stored, now)


def _create(sides: Sides, shape: TableShape, draft: Draft) -> None:
    """Make the tables of a new object. On PostgreSQL its lookups are held once all tables are there."""
    if sides.counts.has_table(shape.name) or sides.counts.has_table(shape.history):
        draft.problems.append(f"{shape.object}: there is a table '{shape.name}' already that is not ours")
    columns = tuple(sides.column(each) for each in shape.columns)
    past = tuple(sides.column(each, live=False) for each in (*_own_history(), *shape.columns))
    draft.create.append(CreateTable(shape.name, shape.history, columns, past))
    if not sides.is_sqlite:
        draft.hold += [_foreign_key(shape, each) for each in shape.columns if each.references]


def _revive_table(sides: Sides, shape: TableShape, stored: StoredObject, draft: Draft) -> None:
    """Use a table again that was kept aside; its lookups were let go and are held again."""
    draft.add.append(ReviveTable(shape.name, shape.history))
    there = {column.name for each in stored.fields.values() for column in each.columns if column.references}
    back = [each for each in shape.columns if each.references and each.name in there]
    if back:
        lookups = tuple((each.name, each.references or "") for each in back)
        draft.add.append(ReviveColumn(shape.name, shape.history, tuple(each.name for each in back), lookups))
    if not sides.is_sqlite:
        draft.hold += [_foreign_key(shape, each) for each in back]


def _own_history() -> tuple[ColumnShape, ...]:
    return (
        ColumnShape("change", Key()),
        ColumnShape("valid_from", Moment()),
        ColumnShape("valid_to", Moment()),
        ColumnShape("op", sa.Text()),
    )


def _hidden(sides: Sides, shape: TableShape, stored: StoredObject, draft: Draft) -> None:
    there = {each.name for each in stored.hidden}
    for each in shape.columns:
        if not each.field and each.name not in there:
            draft.add.append(AddColumn(shape.name, shape.history, sides.column(each)))


def _field(
    sides: Sides,
    shape: TableShape,
    owner: StoredObject,
    each: FieldMatch,
    wanted: tuple[ColumnShape, ...],
    draft: Draft,
) -> list[StoredField]:
    """Bring one field's columns to what is wanted; give what is kept aside in its place."""
    known = each.stored
    if known is None:
        _add(sides, shape, wanted, draft)
        return []
    if each.is_back:
        lookups = tuple((one.name, one.references) for one in wanted if one.references)
        draft.add.append(ReviveColumn(shape.name, shape.history, tuple(one.name for one in wanted), lookups))
        if not sides.is_sqlite:
            draft.hold += [_foreign_key(shape, one) for one in wanted if one.references]
        return []
    if known.name != each.name:
        draft.rename.append(RenameField(shape.object, known.name, each.name))
    if each.is_converted:
        return _convert(sides, shape, owner, each, wanted, draft)
    return _widen(sides, shape, owner, each, wanted, draft)


def _add(sides: Sides, shape: TableShape, wanted: Sequence[ColumnShape], draft: Draft) -> None:
    for one in wanted:
        draft.add.append(AddColumn(shape.name, shape.history, sides.column(one)))
        if one.references and not sides.is_sqlite:
            draft.hold.append(_foreign_key(shape, one))


def _widen(
    sides: Sides,
    shape: TableShape,
    owner: StoredObject,
    each: FieldMatch,
    wanted: tuple[ColumnShape, ...],
    draft: Draft,
) -> list[StoredField]:
    """Add the columns that a field's type has beside the first one, and keep aside those it has no more."""
    known = _known(each)
    there = {column.suffix: column for column in known.columns}
    fresh = [one for one in wanted if one.suffix not in there]
    _add(sides, shape, fresh, draft)
    if fresh and sides.counts.values(shape.name, known.columns[0].name):
        draft.fill.append(
            BackfillColumn(
                shape.name,
                shape.history,
                shape.object,
                each.name,
                owner.name,
                known.name,
                tuple(one.name for one in fresh),
                tuple(column.name for column in known.columns),
            )
        )
    if not sides.is_sqlite:
        draft.hold += [
            _foreign_key(shape, one)
            for one in wanted
            if one.suffix in there and one.references and not there[one.suffix].references
        ]
    suffixes = {one.suffix for one in wanted}
    rest = tuple(column for column in known.columns if column.suffix not in suffixes)
    return [StoredField(new_id(), known.name, rest[0].name, rest, "converted")] if rest else []


def _convert(
    sides: Sides,
    shape: TableShape,
    owner: StoredObject,
    each: FieldMatch,
    wanted: tuple[ColumnShape, ...],
    draft: Draft,
) -> list[StoredField]:
    """Fill a field's new columns from its old ones, which are kept aside."""
    known = _known(each)
    _add(sides, shape, wanted, draft)
    if not known.columns:
        return []
    old = tuple(column.name for column in known.columns)
    count = sides.counts.values(shape.name, old[0])
    is_formula = sides.after.object(shape.object).field(each.name).type.computed_by() is not None
    if is_formula and (installed.was_computed(sides.before, owner, known) or _is_away(sides, owner)):
        count = 0
    elif wanted and not is_formula and sides.before is not None:
        conversion = Conversion(
            sides.before.object(owner.name).field(known.name),
            sides.after.object(shape.object).field(each.name),
            old,
            tuple(one.name for one in wanted),
        )
        readable = conversion.count(sides.counts.connection, shape.name) if count else 0
        draft.fill.append(
            ConvertColumn(
                shape.name,
                shape.history,
                shape.object,
                each.name,
                owner.name,
                known.name,
                tuple(one.name for one in wanted),
                old,
                expected=readable,
                lost=count - readable,
            )
        )
        count = 0
    lookups = tuple(column.name for column in known.columns if column.references)
    draft.end.append(RetireColumn(shape.name, shape.history, old, lookups, count))
    return [replace(known, id=new_id(), retired="converted")]


def _compute(sides: Sides, shape: TableShape, owner: StoredObject, found: ObjectMatch, draft: Draft) -> None:
    """Compute stored formulas that are new, that give something else now, or that read what is filled anew."""
    there = {column.name for each in owner.fields.values() for column in each.columns}
    model = sides.after.object(shape.object)
    for each in model.own_fields():
        if each.type.computed_by() is None or not each.type.columns():
            continue
        column = sides.after.physical.column(shape.object, each.name)
        known = found.fields[each.name].stored
        was = known.name if known is not None and column in there else ""
        read = compute.sources(sides.after, shape.object, each.name)
        if was and read <= there and _means_the_same(sides, owner.name, was, shape.object, each.name):
            continue
        records = sides.counts.rows(shape.name)
        draft.compute.append(
            ComputeColumn(
                shape.name, shape.object, each.name, column, owner.name if was else "", was, sides.zone, records
            )
        )
        if records and read <= there:
            trouble = Computation(sides.after, shape.object, each.name, sides.zone).trouble(sides.counts.connection)
            draft.problems += [trouble] if trouble else []


def _means_the_same(sides: Sides, was_object: str, was: str, object_name: str, name: str) -> bool:
    if sides.before is None or was_object not in sides.before.objects:
        return False
    return compute.meaning(sides.before, was_object, was) == compute.meaning(sides.after, object_name, name)


def _retire_field(sides: Sides, shape: TableShape, owner: StoredObject, gone: StoredField, draft: Draft) -> StoredField:
    if gone.columns:
        names = tuple(column.name for column in gone.columns)
        lookups = tuple(column.name for column in gone.columns if column.references)
        is_derived = installed.was_computed(sides.before, owner, gone)
        count = 0 if is_derived else sides.counts.values(shape.name, names[0])
        draft.end.append(RetireColumn(shape.name, shape.history, names, lookups, count))
    return replace(gone, retired="dropped")


def _is_away(sides: Sides, owner: StoredObject) -> bool:
    """Whether nobody sees an object now: it is new, or comes back."""
    return sides.before is None or owner.name not in sides.before.objects


def _retire_object(sides: Sides, gone: StoredObject, draft: Draft) -> None:
    lookups = tuple(column.name for each in gone.fields.values() for column in each.columns if column.references)
    count = sides.counts.rows(gone.physical)
    draft.end.append(RetireTable(gone.physical, gone.physical + shapes.HISTORY, lookups, count))
    draft.names.append(_object_name(replace(gone, retired="dropped")))


def _index(sides: Sides, shape: TableShape, stored: StoredObject | None, draft: Draft) -> None:
    """Add the indexes that are missing and drop those that nothing asks for any more."""
    there = {each.name: each for each in stored.indexes} if stored else {}
    wanted = {each.name: each for each in shape.indexes}
    for each in wanted.values():
        if each.name not in there:
            draft.index.append(AddIndex(each.name, shape.name, each.columns, each.unique))
            draft.problems += _clashes(sides, shape, stored, each)
    draft.end += [DropIndex(name) for name in there if name not in wanted]


def _clashes(sides: Sides, shape: TableShape, stored: StoredObject | None, index: IndexShape) -> Iterator[str]:
    """Say which values are there more than once though they are to be unique."""
    there = {column.name for each in stored.fields.values() for column in each.columns} if stored else set()
    if not index.unique or not set(index.columns) <= there:
        return
    count = sides.counts.clashes(shape.name, index.columns)
    if count:
        by_column = {each.name: each.field for each in shape.columns}
        said = ", ".join(by_column[name] for name in index.columns)
        yield f"{shape.object}: {count} values of {said} occur more than once, so they cannot become unique"


def _foreign_key(shape: TableShape, column: ColumnShape) -> AddForeignKey:
    name = shapes.foreign_key_name(shape.name, column.name)
    return AddForeignKey(name, shape.name, column.name, column.references or "")


def _known(each: FieldMatch) -> StoredField:
    if each.stored is None:
        raise RuntimeError(f"nothing is stored for {each.name!r}")
    return each.stored


def _changed_names(stored: StoredObject | None, now: StoredObject) -> Iterator[Name]:
    """Give the rows of names that are new or say something else than before."""
    before: Mapping[str, Name] = {}
    if stored is not None:
        before = {name.id: name for name in _names(stored)}
    for name in _names(now):
        if before.get(name.id) != name:
            yield name


def _names(each: StoredObject) -> Iterator[Name]:
    yield _object_name(each)
    for one in (*each.fields.values(), *each.aside):
        yield Name(one.id, each.id, one.name, one.physical, installed.field_body(one), one.retired)


def _object_name(each: StoredObject) -> Name:
    return Name(each.id, None, each.name, each.physical, installed.object_body(each), each.retired)
