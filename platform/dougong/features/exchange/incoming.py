"""rows of a file on their way to be records: read, their lookups resolved, keys that stand twice refused"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dougong.base.errors import DougongError, InvalidRecord
from dougong.base.text import Message
from dougong.context import Context
from dougong.features.exchange import reading
from dougong.features.exchange.cells import ReadCells, read_rows
from dougong.features.exchange.errors import RowError
from dougong.features.exchange.mapping import ColumnPlan, FilePlan
from dougong.features.exchange.reading import Row
from dougong.records.keys import Key, find_by
from dougong.records.query import Parsed


@dataclass(slots=True)
class Incoming:
    """A row on its way."""

    row: Row
    values: Parsed = field(default_factory=Parsed)
    keys: dict[str, Any] = field(default_factory=dict)
    """What lookups hold instead of an id, by field; and what only says which record the row is about."""
    errors: list[RowError] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    """Fields whose cells are wrong: what else is wrong with the row is judged without them."""
    later: dict[str, Any] = field(default_factory=dict)
    """Lookups to rows of the same file that are not records yet: the key by field."""
    is_broken: bool = False
    """Whether its cells do not stand under their columns, so that nothing can be said of them."""

    def take(self, found: ReadCells) -> None:
        """Take what its cells came to."""
        self.values = Parsed(found.values)
        self.keys = found.keys
        for column, message in found.wrong:
            self.refuse(column, message)

    def cell(self, column: ColumnPlan) -> str:
        """What stands in a column."""
        return self.row.cells[column.position] if column.position < len(self.row.cells) else ""

    def refuse(self, column: ColumnPlan, message: Message) -> None:
        """Say what is wrong with a cell."""
        self.errors.append(RowError(self.row.number, column.header, self.cell(column), message))
        self.unread.add(column.field.name)

    def refuse_whole(self, message: Message) -> None:
        """Say what is wrong with the row as a whole."""
        self.errors.append(RowError(self.row.number, "", "", message))

    def refuse_fields(self, plan: FilePlan, by_field: Mapping[str, Iterable[Message]]) -> None:
        """Say what the gate found, at the columns that the fields come from."""
        for name, messages in by_field.items():
            column = plan.column_to(name)
            cell = self.cell(column) if column else ""
            header = column.header if column else name
            self.errors += [RowError(self.row.number, header, cell, message) for message in messages]

    def refuse_for(self, plan: FilePlan, refused: DougongError) -> None:
        """Say why the gate refused it."""
        if isinstance(refused, InvalidRecord):
            self.refuse_fields(plan, refused.by_field)
        else:
            self.refuse_whole(refused.message)

    def key(self, names: Iterable[str]) -> Key:
        """Its natural key; None where a part is blank or cannot be read."""
        return tuple(self.values.get(name, self.keys.get(name)) for name in names)


def read(ctx: Context, plan: FilePlan, rows: Sequence[Row], *, is_workbook: bool) -> list[Incoming]:
    """Read the cells of rows and find what their lookups point to."""
    read_in = [Incoming(_in_width(plan, row, is_workbook=is_workbook)) for row in rows]
    whole = [each for each in read_in if _stands_under_its_columns(plan, each)]
    cells = read_rows(ctx, plan, [each.row.cells for each in whole])
    for each, found in zip(whole, cells, strict=True):
        each.take(found)
    _resolve_all(ctx, plan, whole)
    return read_in


def read_lines(ctx: Context, plan: FilePlan, rows: Sequence[Incoming]) -> list[Incoming]:
    """Read the columns of the same rows that are their lines, where a row is a line beside its record."""
    if plan.lines is None:
        return []
    lines = [Incoming(each.row) for each in rows]
    for line, found in zip(lines, read_rows(ctx, plan.lines, [each.row.cells for each in rows]), strict=True):
        line.take(found)
    _resolve_all(ctx, plan.lines, lines)
    return lines


def _resolve_all(ctx: Context, plan: FilePlan, rows: Sequence[Incoming]) -> None:
    for column in (*plan.columns, *((plan.parent,) if plan.parent else ())):
        if column.by is not None:
            _resolve(ctx, plan, column, rows)


def _in_width(plan: FilePlan, row: Row, *, is_workbook: bool) -> Row:
    """Give a row as many cells as the header has, where that is clear."""
    width = len(plan.header)
    if len(row.cells) == width or row.wrong:
        return row
    cells = row.cells
    if plan.rejoin and len(cells) > width:
        cells = reading.rejoined(cells, width)
    if is_workbook:
        cells = cells + ("",) * (width - len(cells))
    return Row(row.number, cells)


def _stands_under_its_columns(plan: FilePlan, each: Incoming) -> bool:
    row, width = each.row, len(plan.header)
    if row.wrong:
        each.refuse_whole(Message("{reason}", reason=row.wrong, code="csv"))
    elif len(row.cells) != width:
        said = Message(
            "The row has {cells} cells and the header {columns}. Put a text with a comma in double quotes.",
            code="cells", cells=len(row.cells), columns=width,
        )  # fmt: skip
        each.refuse_whole(said)
    else:
        return True
    each.is_broken = True
    return False


def _resolve(ctx: Context, plan: FilePlan, column: ColumnPlan, rows: Sequence[Incoming]) -> None:
    """Find what a lookup by key points to: one query for all rows."""
    name = column.field.name
    by = column.by.name if column.by else "id"
    named = {(each.keys[name],) for each in rows if each.keys.get(name) is not None}
    found = find_by(ctx, str(column.field.type.lookup()), (by,), named)
    for each in rows:
        if name in each.keys:
            _point(plan, column, each, found)


def _point(plan: FilePlan, column: ColumnPlan, each: Incoming, found: Mapping[Key, Sequence[str]]) -> None:
    name = column.field.name
    key = each.keys[name]
    ids = found.get((key,), ())
    if key is None:
        each.values[name] = None
    elif len(ids) == 1:
        each.values[name] = ids[0]
    elif ids:
        each.refuse(column, Message("{count} records have this value.", code="ambiguous", count=len(ids)))
    elif _is_of_this_file(plan, column):
        each.later[name] = key
    else:
        each.refuse(column, nothing_there(column))


def _is_of_this_file(plan: FilePlan, column: ColumnPlan) -> bool:
    """Whether a lookup may point to a row further down: to the same object, by a field the file brings."""
    return (
        column.field.type.lookup() == plan.model.name
        and plan.lines is None
        and column.by is not None
        and bool(plan.column_of(column.by.name))
        and not column.field.required
    )


def nothing_there(column: ColumnPlan) -> Message:
    """Say that a lookup points to nothing."""
    label = column.by.shown_label() if column.by else "id"
    return Message("There is no record with this {field}.", code="unknown_key", field=label)


def refuse_repeated(plan: FilePlan, rows: Sequence[Incoming], seen: set[Key]) -> None:
    """A key that stands twice in one file is an error for the second row: which is right, only a person knows."""
    if not plan.key:
        return
    names = (("parent",) if plan.parent else ()) + plan.key
    for each in rows:
        key = each.key(names)
        if None in key:
            continue
        if key in seen:
            said = Message("This key stands in a row above already.", code="repeated_key")
            each.errors.append(RowError(each.row.number, plan.column_of(plan.key[0]), str(key[-1]), said))
        seen.add(key)
