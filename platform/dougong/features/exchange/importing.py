"""one import: a file read once to its end, written chunk by chunk

An import is many units of work under one batch: a chunk of rows is written whole or, when it is interrupted, not at
all; with a natural key the same file may be imported again. Every row becomes a record or a line in the file of errors.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dougong.base.errors import BadRequest, NotAllowed
from dougong.base.names import new_id
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.import_map import ImportMap
from dougong.features.exchange import batches, incoming, into_lines, into_records, mapping, reading, with_lines
from dougong.features.exchange.errors import ErrorFile, RowError
from dougong.features.exchange.incoming import Incoming
from dougong.features.exchange.into_records import Counts, Waiting
from dougong.features.exchange.mapping import FilePlan
from dougong.features.exchange.reading import Row
from dougong.records import service as records
from dougong.records.keys import Key

CHUNK = 1000
FIRST_ERRORS = 20

Work = Callable[[], AbstractContextManager[Context]]
"""Opens a unit of work that writes."""

OnProgress = Callable[[int, int | None, int], None]
"""Hears after each chunk how many rows are done, of how many (where that is known), and how many have errors."""


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
    stopped: bool = False
    """Whether it ended before the end of the file, because its caller wanted it so."""

    @property
    def records(self) -> int:
        """How many rows are records now."""
        return self.created + self.updated + self.unchanged

    def add(self, rows: int, counts: Counts, errors: int) -> None:
        """Count what became of some rows."""
        self.rows += rows
        self.created += counts["created"]
        self.updated += counts["updated"]
        self.unchanged += counts["unchanged"]
        self.errors += errors

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
            "stopped": self.stopped,
            "error_file": str(self.error_file) if self.error_file else None,
            "first_errors": [each.as_data(locale) for each in self.first_errors],
        }


class _RolledBack(Exception):
    """Ends a dry run."""


@dataclass(frozen=True)
class _Asked:
    """What is to be imported, and how."""

    object_name: str
    path: Path
    map: ImportMap | None
    key: tuple[str, ...]
    sheet: str | None
    errors_to: Path | None
    is_dry: bool
    on_progress: OnProgress | None
    should_stop: Callable[[], bool]
    batch: str | None = None


def import_file(
    work: Work,
    object_name: str,
    path: Path,
    *,
    map_: ImportMap | None = None,
    key: Sequence[str] = (),
    sheet: str | None = None,
    errors_to: Path | None = None,
    dry_run: bool = False,
    on_progress: OnProgress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    batch: str | None = None,
) -> Imported:
    """Import a file into an object; `batch` is an id that its caller gives it.

    Each chunk is a unit of work of its own, opened by `work` and committed; all are one batch, which `undo_batch`
    takes back. `should_stop` is asked before each chunk: what is written by then stays. A dry run checks every row in
    one unit of work, which it rolls back. Raises `BadRequest` for a file that cannot be used, and `NotAllowed`.
    """
    asked = _Asked(object_name, path, map_, tuple(key), sheet, errors_to, dry_run, on_progress, should_stop, batch)
    if not dry_run:
        return _Import(work, asked).run()
    done: Imported | None = None
    try:
        with work() as ctx:
            done = _Import(lambda: nullcontext(ctx), asked).run()
            done.dry_run = True
            raise _RolledBack
    except _RolledBack:
        pass
    if done is None:
        raise RuntimeError("a dry run ended without a result")
    return done


class _Import:
    """One run of an import."""

    def __init__(self, work: Work, asked: _Asked) -> None:
        self.work = work
        self.asked = asked
        self.result = Imported(asked.batch or new_id(), error_file=asked.errors_to)
        self.seen: set[Key] = set()
        self.waiting: list[Waiting] = []

    @contextmanager
    def unit(self) -> Iterator[Context]:
        with self.work() as ctx:
            ctx.door = "import"
            ctx.request_id = self.result.batch
            ctx.reason = ctx.reason or f"import of {self.asked.path.name}"
            yield ctx

    def run(self) -> Imported:
        """Read the file once to the end."""
        encoding = self.asked.map.encoding if self.asked.map else None
        header_row = self.asked.map.header_row if self.asked.map else 1
        total = None
        if self.asked.on_progress is not None:
            total = reading.count_rows(self.asked.path, header_row)
        with reading.open_table(
            self.asked.path, encoding=encoding, header_row=header_row, sheet=self.asked.sheet
        ) as table:
            with self.unit() as ctx:
                model = ctx.catalog.object(self.asked.object_name)
                plan = mapping.plan_of(ctx, model, table.header, self.asked.map, self.asked.key)
                self._refuse(ctx, plan, model)
                if not self.asked.is_dry:
                    batches.begin(ctx, self.result.batch, model.name, self.asked.path.name)
            try:
                with ErrorFile.open(self.asked.errors_to, table.header) as errors:
                    for rows in _chunks(table.rows, CHUNK, plan):
                        if self.asked.should_stop():
                            self.result.stopped = True
                            break
                        self._chunk(plan, rows, errors, is_workbook=table.is_workbook)
                        if self.asked.on_progress is not None:
                            self.asked.on_progress(self.result.rows, total, self.result.errors)
                    into_records.settle(
                        self.unit, plan, self.waiting, lambda ctx, some: self._unsettled(ctx, some, errors)
                    )
            except BaseException:
                self._end("failed")
                raise
        self._end("stopped" if self.result.stopped else "done")
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

    def _end(self, state: batches.State) -> None:
        if not self.asked.is_dry:
            with self.unit() as ctx:
                batches.end(ctx, self.result.batch, state)

    def _chunk(self, plan: FilePlan, rows: Sequence[Row], errors: ErrorFile, *, is_workbook: bool) -> None:
        with self.unit() as ctx:
            read = incoming.read(ctx, plan, rows, is_workbook=is_workbook)
            counts = self._write(ctx, plan, read)
            wrong = [row for row in read if row.errors]
            done = dataclasses.replace(self.result)
            done.add(len(rows), counts, len(wrong))
            self._count(ctx, done)
        self.result = done
        self._report(wrong, errors)

    def _write(self, ctx: Context, plan: FilePlan, rows: Sequence[Incoming]) -> Counts:
        if plan.lines is not None:
            return with_lines.write(ctx, plan, rows, self.seen)
        incoming.refuse_repeated(plan, rows, self.seen)
        if plan.parent is not None:
            return into_lines.write(ctx, plan, rows)
        return into_records.write(ctx, plan, rows, self.waiting)

    def _count(self, ctx: Context, done: Imported) -> None:
        """Keep the counts with the batch, in the unit of work that they are of."""
        if not self.asked.is_dry:
            counts = {name: getattr(done, name) for name in batches.COUNTED}
            batches.count(ctx, done.batch, counts)

    def _unsettled(self, ctx: Context, some: Sequence[Waiting], errors: ErrorFile) -> None:
        for each in some:
            counted = getattr(self.result, each.counted_as)
            setattr(self.result, each.counted_as, counted - 1)
        self.result.errors += len(some)
        if some:
            self._count(ctx, self.result)
        self._report([each.row for each in some], errors)

    def _report(self, rows: Sequence[Incoming], errors: ErrorFile) -> None:
        for row in rows:
            errors.write(row.row, row.errors)
            room = FIRST_ERRORS - len(self.result.first_errors)
            self.result.first_errors += row.errors[: max(room, 0)]
        if rows:
            errors.flush()


def _chunks(rows: Iterable[Row], size: int, plan: FilePlan) -> Iterator[list[Row]]:
    """Cut the rows into chunks; where a row is a line beside its record, the rows of a record stay together."""
    positions = plan.key_positions() if plan.lines is not None else None
    width = len(plan.header)
    chunk: list[Row] = []
    for row in rows:
        if len(chunk) >= size and (positions is None or _is_next_record(chunk[-1], row, positions, width)):
            yield chunk
            chunk = []
        chunk.append(row)
    if chunk:
        yield chunk


def _is_next_record(last: Row, row: Row, positions: tuple[int, ...], width: int) -> bool:
    if max(len(last.cells), len(row.cells)) > width or min(len(last.cells), len(row.cells)) <= max(positions):
        return False  # whose row it is is not clear, so it stays with those above
    return any(last.cells[at] != row.cells[at] for at in positions)
