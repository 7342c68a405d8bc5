"""import and export

An import is many units of work under one batch: a chunk of rows is written whole or, when it is interrupted, not at
all; with a natural key the same file may be imported again. Every row becomes a record or a line in the file of errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from dougong.base.errors import BadRequest, DougongError, InvalidRecord, NotAllowed
from dougong.base.names import new_id
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.import_map import ImportMap
from dougong.features.exchange import mapping, reading
from dougong.features.exchange.errors import ErrorFile, RowError
from dougong.features.exchange.mapping import ColumnPlan, FilePlan
from dougong.features.exchange.reading import Row
from dougong.records import service as records
from dougong.records.keys import Key, find_by
from dougong.records.query import Parsed

CHUNK = 1000
FIRST_ERRORS = 20

Work = Callable[[], AbstractContextManager[Context]]
"""Opens a unit of work that writes."""


@dataclass
class Imported:
    """What became of the rows of a file: `rows == created + updated + unchanged + errors`."""

    batch: str
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: int = 0
    first_errors: list[RowError] = field(default_factory=list)
    error_file: Path | None = None
    dry_run: bool = False

    @property
    def records(self) -> int:
        """How many rows are records now."""
        return self.created + self.updated + self.unchanged

    def as_data(self, locale: str) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "batch": self.batch,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "errors": self.errors,
            "dry_run": self.dry_run,
            "error_file": str(self.error_file) if self.error_file else None,
            "first_errors": [each.as_data(locale) for each in self.first_errors],
        }


class _RolledBack(Exception):
    """Ends a dry run."""


@dataclass
class _Line:
    """A row on its way."""

    row: Row
    values: Parsed
    keys: dict[str, Any]
    errors: list[RowError] = field(default_factory=list)
    later: dict[str, Any] = field(default_factory=dict)
    """Lookups to rows of the same file that are not records yet: the key by field."""


def import_file(
    work: Work,
    object_name: str,
    path: Path,
    *,
    map_: ImportMap | None = None,
    key: Sequence[str] = (),
    errors_to: Path | None = None,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda rows: None,
) -> Imported:
    """Import a file into an object; `progress` hears how many rows are done after each chunk."""
    if not dry_run:
        return _Import(work, object_name, path, map_, tuple(key), errors_to, progress).run()
    done: Imported | None = None
    try:
        with work() as ctx:
            one = _Import(lambda: nullcontext(ctx), object_name, path, map_, tuple(key), errors_to, progress)
            done = one.run()
            done.dry_run = True
            raise _RolledBack
    except _RolledBack:
        pass
    if done is None:
        raise RuntimeError("a dry run ended without a result")
    return done


@dataclass
class _Waiting:
    """A record whose lookups wait for rows further down."""

    record_id: str
    counted_as: Literal["created", "updated", "unchanged"]
    line: _Line


class _Import:
    """One run of an import."""

    def __init__(
        self,
        work: Work,
        object_name: str,
        path: Path,
        map_: ImportMap | None,
        key: tuple[str, ...],
        errors_to: Path | None,
        progress: Callable[[int], None],
    ) -> None:
        self.work = work
        self.object_name = object_name
        self.path = path
        self.map = map_
        self.key = key
        self.errors_to = errors_to
        self.progress = progress
        self.result = Imported(new_id(), error_file=errors_to)
        self.seen: set[Key] = set()
        self.is_workbook = False
        self.waiting: list[_Waiting] = []

    @contextmanager
    def unit(self) -> Iterator[Context]:
        with self.work() as ctx:
            ctx.door = "import"
            ctx.request_id = self.result.batch
            ctx.reason = ctx.reason or f"import of {self.path.name}"
            yield ctx

    def run(self) -> Imported:
        """Read the file once to the end."""
        encoding = self.map.encoding if self.map else None
        header_row = self.map.header_row if self.map else 1
        with reading.open_table(self.path, encoding=encoding, header_row=header_row) as table:
            self.is_workbook = table.is_workbook
            with self.unit() as ctx:
                model = ctx.catalog.object(self.object_name)
                plan = mapping.plan_of(ctx, model, table.header, self.map, self.key)
                self._refuse(ctx, plan, model)
            with ErrorFile.open(self.errors_to, table.header) as errors:
                for chunk in _chunks(table.rows, CHUNK):
                    self._chunk(plan, chunk, errors)
                    self.progress(self.result.rows)
                self._settle(plan, errors)
        return self.result

    def _refuse(self, ctx: Context, plan: FilePlan, model: ObjectModel) -> None:
        if not records.may(ctx, "import", model.name):
            plural = model.definition.shown_plural()
            raise NotAllowed(Message("You may not import {objects}.", code="not_allowed", objects=plural))
        if model.nature == "child" and plan.parent is None:
            raise BadRequest(Message("Lines need a column with the key of the record they belong to.", code="parent"))
        missing = [name for name in plan.key if not plan.column_of(name)]
        if missing:
            raise BadRequest(Message("The key field '{name}' is not in the file.", code="key_missing", name=missing[0]))

    # One chunk.

    def _chunk(self, plan: FilePlan, rows: Sequence[Row], errors: ErrorFile) -> None:
        with self.unit() as ctx:
            lines = [self._line(ctx, plan, row) for row in rows]
            self._resolve(ctx, plan, lines)
            self._refuse_repeated(plan, lines)
            good = [line for line in lines if not line.errors]
            counts = self._write(ctx, plan, good) if plan.parent is None else _write_lines(ctx, plan, good)
        self.result.rows += len(rows)
        self.result.created += counts[0]
        self.result.updated += counts[1]
        self.result.unchanged += counts[2]
        for line in lines:
            if line.errors:
                self._report(line, errors)

    def _report(self, line: _Line, errors: ErrorFile) -> None:
        self.result.errors += 1
        errors.write(line.row, line.errors)
        room = FIRST_ERRORS - len(self.result.first_errors)
        self.result.first_errors += line.errors[: max(room, 0)]

    def _line(self, ctx: Context, plan: FilePlan, row: Row) -> _Line:
        cells = row.cells
        width = len(plan.header)
        if plan.rejoin and len(cells) > width:
            cells = reading.rejoined(cells, width)
        if self.is_workbook:
            cells = cells + ("",) * (width - len(cells))
        line = _Line(Row(row.number, cells or row.cells), Parsed(), {})
        if row.wrong:
            line.errors.append(RowError(row.number, "", "", Message("{reason}", reason=row.wrong, code="csv")))
        elif len(cells) != width:
            said = Message(
                "The row has {cells} cells and the header {columns}. Put a text with a comma in double quotes.",
                code="cells", cells=len(cells), columns=width,
            )  # fmt: skip
            line.errors.append(RowError(row.number, "", "", said))
        else:
            values, line.keys, wrong = mapping.read_cells(ctx, plan, cells)
            line.values = Parsed(values)
            line.errors += [_error(line, column, message) for column, message in wrong]
        return line

    def _resolve(self, ctx: Context, plan: FilePlan, lines: Sequence[_Line]) -> None:
        """Find what lookups by key point to: one query for each column."""
        for column in (*plan.columns, *((plan.parent,) if plan.parent else ())):
            if column.by is None:
                continue
            target = str(column.field.type.lookup())
            named = {(line.keys[column.field.name],) for line in lines if line.keys.get(column.field.name) is not None}
            found = find_by(ctx, target, (column.by.name,), named)
            for line in lines:
                self._point(plan, column, line, found)

    def _point(self, plan: FilePlan, column: ColumnPlan, line: _Line, found: dict[Key, list[str]]) -> None:
        name = column.field.name
        if name not in line.keys:
            return
        key = line.keys[name]
        ids = found.get((key,), [])
        if key is None:
            line.values[name] = None
        elif len(ids) == 1:
            line.values[name] = ids[0]
        elif ids:
            said = Message("{count} records have this value.", code="ambiguous", count=len(ids))
            line.errors.append(_error(line, column, said))
        elif _is_of_this_file(plan, column):
            line.later[name] = key
        else:
            line.errors.append(_error(line, column, _nothing_there(column)))

    def _refuse_repeated(self, plan: FilePlan, lines: Sequence[_Line]) -> None:
        """A key that stands twice in one file is an error for the second row: which is right, only a person knows."""
        names = (("parent",) if plan.parent else ()) + plan.key
        if not plan.key:
            return
        for line in lines:
            key = tuple(line.values.get(name, line.keys.get(name)) for name in names)
            if None in key or line.errors:
                continue
            if key in self.seen:
                said = Message("This key stands in a row above already.", code="repeated_key")
                line.errors.append(RowError(line.row.number, plan.column_of(plan.key[0]), str(key[-1]), said))
            self.seen.add(key)

    # Records.

    def _write(self, ctx: Context, plan: FilePlan, lines: Sequence[_Line]) -> tuple[int, int, int]:
        there = _there(ctx, plan, lines)
        fresh = []
        changed = 0
        unchanged = 0
        for line in lines:
            record_id = there.get(_key_of(plan, line))
            if record_id is None:
                fresh.append(line)
                continue
            before, after = _update(ctx, plan, line, record_id)
            if not line.errors:
                changed += before != after
                unchanged += before == after
                if line.later:
                    self.waiting.append(_Waiting(record_id, "unchanged" if before == after else "updated", line))
        outcomes = records.create_many(ctx, plan.model.name, [line.values for line in fresh], atomic=False, brief=True)
        created = 0
        for line, outcome in zip(fresh, outcomes, strict=True):
            if outcome.record is None:
                line.errors += _errors(plan, line, outcome.errors)
                continue
            created += 1
            if line.later:
                self.waiting.append(_Waiting(outcome.record.id, "created", line))
        return created, changed, unchanged

    def _settle(self, plan: FilePlan, errors: ErrorFile) -> None:
        """Set the lookups that pointed to rows further down; a new record whose row never came is taken out again."""
        for start in range(0, len(self.waiting), CHUNK):
            some = self.waiting[start : start + CHUNK]
            with self.unit() as ctx:
                for name in {name for each in some for name in each.line.later}:
                    column = next(each for each in plan.columns if each.field.name == name)
                    self._settle_column(ctx, plan, column, some)
                for each in some:
                    if each.line.errors and each.counted_as == "created":
                        records.delete(ctx, plan.model.name, each.record_id, last_write=True)
            for each in some:
                if each.line.errors:
                    counted = getattr(self.result, each.counted_as)
                    setattr(self.result, each.counted_as, counted - 1)
                    self._report(each.line, errors)

    def _settle_column(self, ctx: Context, plan: FilePlan, column: ColumnPlan, some: Sequence[_Waiting]) -> None:
        name = column.field.name
        by = column.by.name if column.by else "id"
        keys = {(each.line.later[name],) for each in some if name in each.line.later}
        found = find_by(ctx, plan.model.name, (by,), keys)
        for each in some:
            line = each.line
            if name not in line.later:
                continue
            ids = found.get((line.later[name],), [])
            if len(ids) != 1:
                line.errors.append(_error(line, column, _nothing_there(column)))
                continue
            try:
                records.update(ctx, plan.model.name, each.record_id, Parsed({name: ids[0]}), last_write=True)
            except DougongError as refused:
                line.errors += _refused(plan, line, refused)


def _is_of_this_file(plan: FilePlan, column: ColumnPlan) -> bool:
    """Whether a lookup may point to a row further down: to the same object, by a field the file brings."""
    return (
        column.field.type.lookup() == plan.model.name
        and column.by is not None
        and bool(plan.column_of(column.by.name))
        and not column.field.required
    )


def _nothing_there(column: ColumnPlan) -> Message:
    label = column.by.shown_label() if column.by else "id"
    return Message("There is no record with this {field}.", code="unknown_key", field=label)


def _error(line: _Line, column: ColumnPlan, message: Message) -> RowError:
    cell = line.row.cells[column.position] if column.position < len(line.row.cells) else ""
    return RowError(line.row.number, column.header, cell, message)


def _errors(plan: FilePlan, line: _Line, by_field: Any) -> list[RowError]:
    found = []
    for name, messages in by_field.items():
        column = next((each for each in plan.columns if each.field.name == name), None)
        for message in messages:
            found.append(_error(line, column, message) if column else RowError(line.row.number, name, "", message))
    return found


def _refused(plan: FilePlan, line: _Line, refused: DougongError) -> list[RowError]:
    if isinstance(refused, InvalidRecord):
        return _errors(plan, line, refused.by_field)
    return [RowError(line.row.number, "", "", refused.message)]


def _key_of(plan: FilePlan, line: _Line) -> Key:
    return tuple(line.values.get(name, line.keys.get(name)) for name in plan.key)


def _there(ctx: Context, plan: FilePlan, lines: Sequence[_Line]) -> dict[Key, str]:
    """Find the records that rows with a natural key are about."""
    if not plan.key:
        return {}
    found = find_by(ctx, plan.model.name, plan.key, (_key_of(plan, line) for line in lines))
    return {key: ids[0] for key, ids in found.items()}


def _update(ctx: Context, plan: FilePlan, line: _Line, record_id: str) -> tuple[int | None, int | None]:
    """Change the record that a row is about; its version before and after."""
    try:
        before = records.get(ctx, plan.model.name, record_id, fields=("version",)).version
        return before, records.update(ctx, plan.model.name, record_id, line.values, last_write=True).version
    except DougongError as refused:
        line.errors += _refused(plan, line, refused)
        return None, None


# Lines of records.


def _write_lines(ctx: Context, plan: FilePlan, lines: Sequence[_Line]) -> tuple[int, int, int]:
    """Add rows to the records they belong to; with a key, a line that is there is changed instead."""
    by_parent: dict[str, list[_Line]] = {}
    for line in lines:
        by_parent.setdefault(line.values["parent"] or "", []).append(line)
    counts = [0, 0, 0]
    for parent_id, rows in by_parent.items():
        if not parent_id and plan.parent is not None:
            for line in rows:
                line.errors.append(
                    _error(line, plan.parent, Message("Say to which record this line belongs.", code="required"))
                )
            continue
        for position, count in enumerate(_write_to(ctx, plan, parent_id, rows)):
            counts[position] += count
    return counts[0], counts[1], counts[2]


def _write_to(ctx: Context, plan: FilePlan, parent_id: str, rows: Sequence[_Line]) -> tuple[int, int, int]:
    parent_name, field_name = str(plan.model.parent), str(plan.model.parent_field)
    record = records.get(ctx, parent_name, parent_id, fields=(field_name,))
    there = record[field_name]
    known = {tuple(line.values.get(name) for name in plan.key): line for line in there} if plan.key else {}
    while True:
        rows = [line for line in rows if not line.errors]
        if not rows:
            return 0, 0, 0
        wanted, counts = _wanted_lines(plan, there, known, rows)
        try:
            records.update(ctx, parent_name, parent_id, {field_name: [each for each, _ in wanted]}, last_write=True)
        except DougongError as refused:
            _blame(plan, field_name, wanted, rows, refused)
            continue
        return counts


def _wanted_lines(
    plan: FilePlan, there: Sequence[Any], known: dict[Key, Any], rows: Sequence[_Line]
) -> tuple[list[tuple[Parsed, _Line | None]], tuple[int, int, int]]:
    """Give the lines that the record shall have, each with the row it comes from."""
    by_id = {}
    fresh: list[tuple[Parsed, _Line | None]] = []
    changed = 0
    for line in rows:
        values = Parsed({name: value for name, value in line.values.items() if name != "parent"})
        old = known.get(_key_of(plan, line)) if plan.key else None
        if old is None:
            fresh.append((values, line))
        else:
            by_id[old.id] = (Parsed({**values, "id": old.id}), line)
            changed += any(old.values.get(name) != value for name, value in values.items())
    kept: list[tuple[Parsed, _Line | None]] = [by_id.get(old.id, (Parsed({"id": old.id}), None)) for old in there]
    return [*kept, *fresh], (len(fresh), changed, len(by_id) - changed)


def _blame(
    plan: FilePlan,
    field_name: str,
    wanted: Sequence[tuple[Parsed, _Line | None]],
    rows: Sequence[_Line],
    refused: DougongError,
) -> None:
    """Put what was refused at the rows it is about; what is about the whole record is about every row."""
    if isinstance(refused, InvalidRecord):
        for name, messages in refused.by_field.items():
            if name.startswith(f"{field_name}["):
                position, _, inner = name.removeprefix(f"{field_name}[").partition("]")
                line = wanted[int(position)][1]
                if line is not None:
                    line.errors += _errors(plan, line, {inner.lstrip("."): messages})
    if not any(line.errors for line in rows):
        for line in rows:
            line.errors += _refused(plan, line, refused)


def _chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    rows = iter(rows)
    while chunk := list(islice(rows, size)):
        yield chunk
