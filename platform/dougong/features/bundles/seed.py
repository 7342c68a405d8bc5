"""load seed data by natural key, safely again and again

A file is named after its object and holds records by their natural key: `metadata/crm` has `seed/crm/customer.csv`, and
under `seed/crm/demo/` what only a demo gets. Headings are fields; a heading with `*` belongs to the key; `owner.login`
finds a record by a field of its own; lines name the record they belong to by its key (`parent.name*`). `today-30` and
`today+5 09:30` are days from now. A record that is there is left as it is, unless `update` is asked for.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dougong.base.errors import DougongError, InvalidRecord, InvalidValue
from dougong.base.names import hint_for
from dougong.base.problems import Place
from dougong.base.text import Message
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.records import service as records
from dougong.records.defaults import reading
from dougong.records.keys import Key, find_by
from dougong.sdk.field_type import FieldType

DEMO = "demo"
_DAY = re.compile(r"today(?P<days>[+-][0-9]{1,4})?(?: (?P<time>[0-9]{2}:[0-9]{2}))?")


@dataclass(frozen=True, order=True)
class Wrong:
    """One thing wrong in a file of seed data."""

    place: Place
    message: str
    hint: str = ""

    def __str__(self) -> str:
        said = f"{self.place}: {self.message}"
        return f"{said}\n    {self.hint}" if self.hint else said


class SeedProblems(DougongError):
    """Seed data that cannot be loaded; `problems` says where and how to mend it. Nothing of it was written."""

    def __init__(self, problems: Iterable[Wrong]) -> None:
        self.problems = sorted(set(problems))
        said = "\n".join(str(each) for each in self.problems)
        super().__init__(Message("The seed data cannot be loaded:\n{problems}", problems=said, code="seed_problems"))


@dataclass(frozen=True)
class Heading:
    """One column of a file: the field; of a lookup, by which field of the other object; and if it is in the key."""

    text: str
    at: int
    field: str
    by: str | None = None
    in_key: bool = False

    @property
    def path(self) -> str:
        """The column as a path: `customer`, `customer.name`."""
        return f"{self.field}.{self.by}" if self.by else self.field


@dataclass(frozen=True)
class Row:
    """One line of a file with its cells."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class SeedFile:
    """One file of seed data."""

    path: Path
    object: str
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]

    @property
    def key(self) -> tuple[Heading, ...]:
        """The columns of the natural key."""
        return tuple(each for each in self.headings if each.in_key)

    def problem(self, message: str, row: Row | None = None, heading: Heading | None = None, hint: str = "") -> Wrong:
        """Say what is wrong in a row, or with the file."""
        place = Place(str(self.path), row.line if row else 1, heading.at + 1 if heading else 0)
        return Wrong(place, message, hint)


@dataclass(frozen=True)
class Seeded:
    """What became of the rows of one file."""

    path: Path
    object: str
    created: tuple[str, ...] = ()
    """Ids of the new records."""
    updated: int = 0
    there: int = 0
    """Records that were there and stay as they are."""

    def as_data(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "file": str(self.path),
            "object": self.object,
            "created": len(self.created),
            "updated": self.updated,
            "there": self.there,
        }


# ---- reading files -----------------------------------------------------------------------------------------------


def read(folder: Path, bundles: Sequence[str], *, demo: bool = False) -> list[SeedFile]:
    """Read the seed files of bundles, or raise `SeedProblems`."""
    problems: list[Wrong] = []
    found: list[SeedFile] = []
    for bundle in bundles:
        homes = [folder / bundle, *([folder / bundle / DEMO] if demo else [])]
        for path in (path for home in homes for path in sorted(home.glob("*.csv"))):
            file = _read_file(path, problems)
            if file is not None:
                found.append(file)
    if problems:
        raise SeedProblems(problems)
    return found


def _read_file(path: Path, problems: list[Wrong]) -> SeedFile | None:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        problems.append(Wrong(Place(str(path)), "the file is not UTF-8", "save it as UTF-8"))
        return None
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    rows: list[Row] = []
    try:
        titles = next(reader, [])
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(Row(reader.line_num, tuple(cell.strip() for cell in cells)))
    except csv.Error as wrong:
        problems.append(Wrong(Place(str(path), reader.line_num), f"this is not CSV: {wrong}"))
        return None
    file = SeedFile(path, path.stem, tuple(_heading(text, at) for at, text in enumerate(titles)), tuple(rows))
    problems += _misshapen(file)
    return file


def _heading(text: str, at: int) -> Heading:
    said = text.strip()
    name, _, by = said.removesuffix("*").partition(".")
    return Heading(said, at, name, by or None, in_key=said.endswith("*"))


def _misshapen(file: SeedFile) -> Iterator[Wrong]:
    if not file.key:
        yield file.problem("no heading belongs to the natural key", hint="put a * behind its headings: 'login*'")
    for row in file.rows:
        if len(row.cells) != len(file.headings):
            yield file.problem(f"{len(row.cells)} cells under {len(file.headings)} headings", row)


# ---- loading -----------------------------------------------------------------------------------------------------


def seed(ctx: Context, files: Sequence[SeedFile], *, update: bool = False) -> list[Seeded]:
    """Write what is not there yet, or raise `SeedProblems`; then the caller has to roll back.

    It is no news: nobody is notified, and no automation of later runs.
    """
    ctx = replace(ctx, subscribers={})
    problems = [problem for file in files for problem in _unknown(ctx.catalog, file)]
    if problems:
        raise SeedProblems(problems)
    lines = [file for file in files if ctx.catalog.object(file.object).nature == "child"]
    main = [file for file in files if file not in lines]
    done: list[Seeded] = []
    for file in _in_order(ctx.catalog, main):
        held = [each for each in lines if ctx.catalog.object(each.object).parent == file.object]
        loading = _Loading(ctx, file, held, update=update)
        done += loading.load()
    for file in lines:
        if not any(ctx.catalog.object(file.object).parent == each.object for each in main):
            raise SeedProblems([file.problem("the records that these lines belong to are in no file beside it")])
    return done


def _unknown(catalog: Catalog, file: SeedFile) -> Iterator[Wrong]:
    """Find headings that lead to no field, before anything is asked of the database."""
    if file.object not in catalog.objects:
        yield file.problem(f"there is no object '{file.object}'", hint=hint_for(file.object, catalog.objects))
        return
    model = catalog.object(file.object)
    for heading in file.headings:
        at, names = model, heading.path.split(".")
        for position, name in enumerate(names):
            found = at.fields.get(name)
            if found is None:
                said = f"object '{at.name}' has no field '{name}'"
                yield file.problem(said, heading=heading, hint=hint_for(name, at.fields))
                break
            target = found.type.lookup()
            if position == len(names) - 1:
                if target is not None:
                    hint = f"say by which field of '{target}': '{heading.path}.name'"
                    yield file.problem(f"'{name}' points to a record", heading=heading, hint=hint)
            elif target is None:
                yield file.problem(f"'{name}' points to no record", heading=heading)
                break
            else:
                at = catalog.object(target)


def _in_order(catalog: Catalog, files: Sequence[SeedFile]) -> list[SeedFile]:
    """Put files such that what records point to comes first; where they point in a circle, as the files stand."""
    by_object: dict[str, list[SeedFile]] = {}
    for file in files:
        by_object.setdefault(file.object, []).append(file)
    done: dict[Path, SeedFile] = {}
    begun: set[str] = set()

    def visit(name: str) -> None:
        if name in begun:
            return
        begun.add(name)
        for file in by_object.get(name, ()):
            for heading in file.headings:
                target = catalog.object(name).fields[heading.field].type.lookup()
                if target is not None:
                    visit(target)
        done.update({file.path: file for file in by_object.get(name, ())})

    for name in by_object:
        visit(name)
    return list(done.values())


@dataclass
class _Loading:
    """One file on its way into the database."""

    ctx: Context
    file: SeedFile
    lines: Sequence[SeedFile]
    update: bool
    problems: list[Wrong] = field(default_factory=list)
    found: dict[tuple[str, str], dict[str, list[str]]] = field(default_factory=dict)
    """Ids by value, by object and path: what lookups were found."""

    @property
    def model(self) -> ObjectModel:
        """The object of the file."""
        return self.ctx.catalog.object(self.file.object)

    def load(self) -> list[Seeded]:
        """Write the rows that are not there, in waves: a row waits for the rows of its file that it points to."""
        keys = {row: self.key(self.file, self.file.key, row) for row in self.file.rows}
        self.refuse_twice(keys)
        self.stop()
        there = self.there(set(keys.values()))
        waiting = [row for row in self.file.rows if keys[row] not in there]
        lines = {file: self.by_parent(file, set(keys.values())) for file in self.lines}
        created: list[str] = []
        while waiting:
            pending = self.pending(waiting)
            wave = [row for row in waiting if not self.points_into(row, pending)]
            self.refuse_circle(wave, waiting)
            created += self.create(wave, keys, lines)
            written = set(wave)
            waiting = [row for row in waiting if row not in written]
            self.found.clear()
        updated = self.change(keys, there) if self.update else 0
        self.stop()
        counted = [Seeded(self.file.path, self.file.object, tuple(created), updated, len(there) - updated)]
        return counted + [Seeded(file.path, file.object) for file in self.lines]

    def stop(self) -> None:
        """Raise what was found wrong so far."""
        if self.problems:
            raise SeedProblems(self.problems)

    def key(self, file: SeedFile, headings: Sequence[Heading], row: Row) -> Key:
        """Read the natural key of a row."""
        return tuple(self.value(file, heading, row) for heading in headings)

    def value(self, file: SeedFile, heading: Heading, row: Row) -> Any:
        """Read a cell by the type of the field that its heading leads to."""
        try:
            kind = type_at(self.ctx.catalog, file.object, heading.path)
            return kind.parse(_dated(self.ctx, row.cells[heading.at]), reading(self.ctx))
        except InvalidValue as wrong:
            self.problems.append(file.problem(str(wrong.message), row, heading))
            return None

    def refuse_twice(self, keys: Mapping[Row, Key]) -> None:
        """Say which rows have the key of another one before them."""
        first: dict[Key, Row] = {}
        for row, key in keys.items():
            before = first.setdefault(key, row)
            if before is not row:
                self.problems.append(self.file.problem(f"the same key as in line {before.line}", row))

    def there(self, keys: set[Key]) -> dict[Key, str]:
        """Find the records that have one of these keys: their ids."""
        paths = tuple(heading.path for heading in self.file.key)
        return {key: ids[-1] for key, ids in find_by(self.ctx, self.file.object, paths, keys).items()}

    # Lookups.

    def own_lookups(self) -> Iterator[Heading]:
        """The columns that point to the object of this very file."""
        for heading in self.file.headings:
            if heading.by and self.model.fields[heading.field].type.lookup() == self.file.object:
                yield heading

    def pending(self, waiting: Sequence[Row]) -> dict[str, set[str]]:
        """Values by path of the rows that are still to be written, for the paths that rows of this file point by."""
        found: dict[str, set[str]] = {}
        for heading in self.own_lookups():
            held = next((each for each in self.file.headings if each.path == heading.by), None)
            if held is not None:
                found[str(heading.by)] = {row.cells[held.at] for row in waiting}
        return found

    def points_into(self, row: Row, pending: Mapping[str, set[str]]) -> bool:
        """Whether a row points to one that is not written yet."""
        return any(row.cells[each.at] in pending.get(str(each.by), ()) for each in self.own_lookups())

    def refuse_circle(self, wave: Sequence[Row], waiting: Sequence[Row]) -> None:
        """Say so where rows only wait for each other."""
        if not wave:
            self.problems += [
                self.file.problem("this row and others point to each other in a circle", row) for row in waiting
            ]
            self.stop()

    def pointed(self, file: SeedFile, heading: Heading, row: Row, rows: Sequence[Row]) -> str | None:
        """Give the id of the record that a cell names."""
        cell = row.cells[heading.at]
        if not cell:
            return None
        model = self.ctx.catalog.object(file.object)
        target = str(model.fields[heading.field].type.lookup())
        place = (target, str(heading.by))
        if place not in self.found or cell not in self.found[place]:
            cells = {each.cells[heading.at] for each in rows} - {""}
            self.found.setdefault(place, {}).update(_ids(self.ctx, target, str(heading.by), cells))
        ids = self.found[place].get(cell, [])
        if len(ids) != 1:
            said = f"no {target}" if not ids else f"{len(ids)} records of '{target}'"
            self.problems.append(file.problem(f"{said} with {heading.by} '{cell}'", row, heading))
            return None
        return ids[0]

    def values(self, file: SeedFile, row: Row, rows: Sequence[Row]) -> dict[str, Any]:
        """Give the raw values of a row, lookups as ids."""
        found: dict[str, Any] = {}
        is_line = self.ctx.catalog.object(file.object).nature == "child"
        for heading in file.headings:
            if is_line and heading.field == "parent":
                continue
            cell = _dated(self.ctx, row.cells[heading.at])
            found[heading.field] = self.pointed(file, heading, row, rows) if heading.by else cell or None
        return found

    def by_parent(self, file: SeedFile, keys: set[Key]) -> dict[Key, list[Row]]:
        """Gather lines under the keys of the records they belong to."""
        above = {heading.by: heading for heading in file.headings if heading.field == "parent"}
        missing = [heading.text for heading in self.file.key if heading.path not in above]
        if missing:
            self.problems.append(file.problem(f"lines name their record by: parent.{', parent.'.join(missing)}"))
            return {}
        headings = [above[heading.path] for heading in self.file.key]
        found: dict[Key, list[Row]] = {}
        for row in file.rows:
            key = self.key(file, headings, row)
            if key not in keys:
                self.problems.append(file.problem(f"{self.file.path.name} has no such record", row, headings[0]))
            found.setdefault(key, []).append(row)
        return found

    # Writing.

    def create(
        self, wave: Sequence[Row], keys: Mapping[Row, Key], lines: Mapping[SeedFile, Mapping[Key, Sequence[Row]]]
    ) -> list[str]:
        """Create the records of some rows with their lines."""
        many = []
        for row in wave:
            values = self.values(self.file, row, wave)
            for file, by_parent in lines.items():
                name = str(self.ctx.catalog.object(file.object).parent_field)
                values[name] = [self.values(file, line, file.rows) for line in by_parent.get(keys[row], ())]
            many.append(values)
        self.stop()
        try:
            outcomes = records.create_many(self.ctx, self.file.object, many)
        except InvalidRecord as wrong:
            raise SeedProblems([self.file.problem(str(wrong.message))]) from wrong
        for row, outcome in zip(wave, outcomes, strict=True):
            self.refused(row, outcome.errors)
        self.stop()
        return [outcome.record.id for outcome in outcomes if outcome.record is not None]

    def change(self, keys: Mapping[Row, Key], there: Mapping[Key, str]) -> int:
        """Write what differs onto the records that were there; cells that hang on today are left as they are."""
        count = 0
        for row in self.file.rows:
            record_id = there.get(keys[row])
            if record_id is None:
                continue
            values = self.values(self.file, row, self.file.rows)
            for heading in self.file.headings:
                if _DAY.fullmatch(row.cells[heading.at]):
                    del values[heading.field]
            try:
                before = records.get(self.ctx, self.file.object, record_id, fields=("id",))
                after = records.update(self.ctx, self.file.object, record_id, values, last_write=True)
            except InvalidRecord as wrong:
                self.refused(row, wrong.by_field)
                continue
            count += after.version != before.version if before.version is not None else 0
        return count

    def refused(self, row: Row, errors: Mapping[str, Sequence[Message]]) -> None:
        """Note what the gate said of a row."""
        by_field = {heading.field: heading for heading in self.file.headings}
        for name, messages in errors.items():
            heading = by_field.get(name)
            for message in messages:
                said = str(message) if heading or not name else f"{name}: {message}"
                self.problems.append(self.file.problem(said, row, heading))


def _ids(ctx: Context, object_name: str, path: str, cells: Iterable[str]) -> dict[str, list[str]]:
    """Find records by what stands in cells: the value at a path."""
    kind = type_at(ctx.catalog, object_name, path)
    by_key: dict[Key, list[str]] = {}
    for cell in cells:
        try:
            by_key.setdefault((kind.parse(cell, reading(ctx)),), []).append(cell)
        except InvalidValue:
            continue  # no record has such a value
    found = find_by(ctx, object_name, (path,), by_key)
    return {cell: found[key] for key, same in by_key.items() for cell in same if key in found}


def type_at(catalog: Catalog, object_name: str, path: str) -> FieldType[Any]:
    """Give the type of the field at the end of a path."""
    model = catalog.object(object_name)
    *steps, last = path.split(".")
    for step in steps:
        model = catalog.object(str(model.field(step).type.lookup()))
    return model.field(last).type


def _dated(ctx: Context, cell: str) -> str:
    """Give the date or moment that `today-30` or `today 09:30` means; any other cell as it is."""
    found = _DAY.fullmatch(cell)
    if found is None:
        return cell
    day = ctx.today(ctx.zone) + dt.timedelta(days=int(found["days"] or 0))
    return f"{day.isoformat()} {found['time']}" if found["time"] else day.isoformat()
