"""rows pasted out of a spreadsheet: which field each column is, what is wrong with each cell, and records of them"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dougong.base.errors import BadRequest
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.features.exchange import incoming, mapping
from dougong.features.exchange.incoming import Incoming
from dougong.features.exchange.preview import likeness
from dougong.features.exchange.reading import Row
from dougong.records import service as records

MOST_ROWS = 5000
MOST_COLUMNS = 100
ALIKE = 0.9
"""A heading this much like a field's label is meant for it."""


@dataclass(frozen=True)
class Pasted:
    """What was pasted, with a field for each column that has one."""

    fields: tuple[str, ...]
    """By column: the field, or blank for a column that is left out."""
    rows: tuple[tuple[str, ...], ...]
    """The cells, without the heading."""
    has_header: bool
    """Whether the first row was the heading."""


@dataclass(frozen=True)
class CellError:
    """What is wrong with a cell, or with a row as a whole."""

    row: int
    """From 0."""
    column: int | None
    """From 0; None for the row as a whole."""
    message: Message


def cells(text: str) -> list[tuple[str, ...]]:
    """Split what a spreadsheet puts on the clipboard: tabs between cells, quotes around those with several lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    delimiter = "\t" if "\t" in lines or "," not in lines.split("\n", 1)[0] else ","
    try:
        read = [tuple(row) for row in csv.reader(io.StringIO(lines), delimiter=delimiter)]
    except csv.Error as error:
        raise BadRequest(Message("These rows cannot be read. Copy them again from the sheet.", code="paste")) from error
    found = [row for row in read if any(cell.strip() for cell in row)]
    if len(found) > MOST_ROWS + 1:
        said = "At most {most} rows are pasted at once; import a file instead."
        raise BadRequest(Message(said, code="paste_rows", most=MOST_ROWS))
    width = max((len(row) for row in found), default=0)
    if width > MOST_COLUMNS:
        raise BadRequest(Message("At most {most} columns are pasted at once.", code="paste_columns", most=MOST_COLUMNS))
    return [row + ("",) * (width - len(row)) for row in found]


def read(ctx: Context, object_name: str, text: str, shown: Sequence[str]) -> Pasted:
    """Read pasted rows: by their heading where they have one, else under the columns that are shown, in their order."""
    found = cells(text)
    if not found:
        raise BadRequest(Message("There is nothing to paste. Copy some rows of a sheet first.", code="paste_nothing"))
    model = ctx.catalog.object(object_name)
    by_header = _by_header(ctx, model, found[0])
    if by_header is not None:
        return Pasted(by_header, tuple(found[1:]), has_header=True)
    writable = writable_names(ctx, object_name)
    names = [name if name in writable else "" for name in shown]
    return Pasted(tuple((names + [""] * len(found[0]))[: len(found[0])]), tuple(found), has_header=False)


def writable_names(ctx: Context, object_name: str) -> tuple[str, ...]:
    """Give the fields that a pasted row may fill, in the object's order."""
    fields = records.writable(ctx, object_name, "create")
    return tuple(field.name for field in fields if field.type.lines() is None and not field.is_computed)


def _by_header(ctx: Context, model: ObjectModel, row: Sequence[str]) -> tuple[str, ...] | None:
    """Take the first row for the heading where at least half of its cells, and two or all of them, name a field."""
    taken: set[str] = set()
    found = []
    for cell in row:
        name = _called(ctx, model, cell, taken) if cell.strip() else ""
        taken.add(name)
        found.append(name)
    named = sum(bool(name) for name in found)
    filled = sum(bool(cell.strip()) for cell in row)
    return tuple(found) if named and named >= min(2, filled) and named * 2 >= filled else None


def _called(ctx: Context, model: ObjectModel, heading: str, taken: set[str]) -> str:
    best, name_of_best = 0.0, ""
    for name in writable_names(ctx, model.name):
        labels = model.field(name).shown_label().by_language.values()
        near = likeness(heading.strip(), name, labels)
        if near > best and name not in taken:
            best, name_of_best = near, name
    return name_of_best if best >= ALIKE else ""


def rows_of(ctx: Context, object_name: str, pasted: Pasted) -> list[Incoming]:
    """Read the cells as an import does: values by field, lookups by the title of their record."""
    model = ctx.catalog.object(object_name)
    used = [position for position, name in enumerate(pasted.fields) if name]
    if not used:
        raise BadRequest(Message("Say for at least one column which field it is.", code="paste_columns_unknown"))
    header = [_heading(ctx, model, pasted.fields[position]) for position in used]
    plan = mapping.plan_of(ctx, model, header, None, ())
    some = [
        Row(number, tuple(row[position].strip() for position in used))
        for number, row in enumerate(pasted.rows, start=1)
    ]
    return incoming.read(ctx, plan, some, is_workbook=True)


def _heading(ctx: Context, model: ObjectModel, name: str) -> str:
    target = model.field(name).type.lookup()
    title = ctx.catalog.object(target).title if target else None
    return f"{name}.{title}" if title else name


def create(ctx: Context, object_name: str, pasted: Pasted, *, atomic: bool = True) -> tuple[tuple[CellError, ...], int]:
    """Make records of the rows; give what is wrong, and how many were made. `atomic`: all or none."""
    rows = rows_of(ctx, object_name, pasted)
    columns = {name: position for position, name in enumerate(pasted.fields) if name}
    errors = [error for at, each in enumerate(rows) for error in _of_cells(at, each, columns)]
    if errors and atomic:
        # What the gate would say of the rows that can be read is said as well, so that all is mended at once.
        errors += _refused(ctx, object_name, rows, columns, atomic=True)[0]
        return tuple(_in_order(errors)), 0
    refused, made = _refused(ctx, object_name, rows, columns, atomic=atomic)
    return tuple(_in_order([*errors, *refused])), made


def _refused(
    ctx: Context, object_name: str, rows: Sequence[Incoming], columns: Mapping[str, int], *, atomic: bool
) -> tuple[list[CellError], int]:
    whole = [at for at, each in enumerate(rows) if not each.errors]
    is_trial = atomic and len(whole) < len(rows)
    outcomes = _created(ctx, object_name, [rows[at].values for at in whole], atomic=atomic, is_trial=is_trial)
    found = [
        CellError(at, columns.get(name), message)
        for at, outcome in zip(whole, outcomes, strict=True)
        for name, messages in outcome.errors.items()
        for message in messages
    ]
    return found, 0 if is_trial else sum(outcome.is_saved for outcome in outcomes)


def _created(
    ctx: Context, object_name: str, many: Sequence[records.Values], *, atomic: bool, is_trial: bool
) -> tuple[records.Outcome, ...]:
    if not is_trial:
        return records.create_many(ctx, object_name, many, atomic=atomic, brief=True)
    told = len(ctx.announced)
    found: list[tuple[records.Outcome, ...]] = []
    try:
        with ctx.savepoint():
            found.append(records.create_many(ctx, object_name, many, atomic=True, brief=True))
            raise _OnlyTried
    except _OnlyTried:
        del ctx.announced[told:]
    return found[0]


class _OnlyTried(Exception):
    """Ends a savepoint that must not stay."""


def _of_cells(at: int, row: Incoming, columns: Mapping[str, int]) -> list[CellError]:
    return [CellError(at, columns.get(error.column.split(".")[0]), error.message) for error in row.errors]


def _in_order(errors: Sequence[CellError]) -> list[CellError]:
    return sorted(errors, key=lambda error: (error.row, -1 if error.column is None else error.column))


def tried(ctx: Context, object_name: str, pasted: Pasted) -> tuple[CellError, ...]:
    """Say what would be wrong with the rows: everything is done, and taken back."""
    told = len(ctx.announced)
    found: list[tuple[CellError, ...]] = []
    try:
        with ctx.savepoint():
            found.append(create(ctx, object_name, pasted)[0])
            raise _OnlyTried
    except _OnlyTried:
        del ctx.announced[told:]
    return found[0]
