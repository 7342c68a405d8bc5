"""the cells of rows, read: values by field, keys of lookups, and what cannot be read"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dougong.base.errors import InvalidValue
from dougong.base.text import Message
from dougong.context import Context
from dougong.features.exchange.mapping import ColumnPlan, FilePlan
from dougong.records.defaults import reading
from dougong.sdk.field_type import Reading

GUARDED = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula at the beginning of a text."""


@dataclass(frozen=True)
class Unread:
    """What stands for the value of a cell that cannot be read."""

    message: Message


@dataclass
class ReadCells:
    """The cells of a row, read."""

    values: dict[str, Any]
    """By field."""
    keys: dict[str, Any]
    """What lookups hold instead of an id, by field; and what only says which record the row is about."""
    wrong: list[tuple[ColumnPlan, Message]]


def read_rows(ctx: Context, plan: FilePlan, rows: Sequence[Sequence[str]]) -> list[ReadCells]:
    """Read the cells of many rows that are as wide as the header.

    They are read column by column, so that a cell that stands in a column many times is read once.
    """
    known = ctx.memo(reading)
    own = [_read_column(plan, each, rows, known) for each in plan.columns if each.by is None]
    keys = [
        _read_column(plan, each, rows, known) for each in (*plan.columns, *plan.known) if each.header not in plan.own
    ]
    if plan.parent is not None:
        (own if plan.parent.by is None else keys).append(_read_column(plan, plan.parent, rows, known))
    read = [
        ReadCells(values, found, [])
        for values, found in zip(_across(own, len(rows)), _across(keys, len(rows)), strict=True)
    ]
    for column in (*own, *keys):
        if column.has_unread:
            _take_out_unread(column, read)
    return read


@dataclass(frozen=True)
class _ReadColumn:
    plan: ColumnPlan
    values: list[Any]
    has_unread: bool


def _read_column(plan: FilePlan, column: ColumnPlan, rows: Sequence[Sequence[str]], known: Reading) -> _ReadColumn:
    position = column.position
    cells = [row[position] for row in rows]
    meant: dict[str, Any] = {}
    has_unread = False
    value = column.reader(known)
    for cell in set(cells):
        try:
            meant[cell] = value("" if cell in plan.blank else unguarded(cell))
        except InvalidValue as error:
            meant[cell] = Unread(error.message)
            has_unread = True
    return _ReadColumn(column, [meant[cell] for cell in cells], has_unread)


def _across(columns: Sequence[_ReadColumn], count: int) -> list[dict[str, Any]]:
    """Turn columns into rows."""
    names = [column.plan.field.name for column in columns]
    if not names:
        return [{} for _ in range(count)]
    return [dict(zip(names, values, strict=True)) for values in zip(*(each.values for each in columns), strict=True)]


def _take_out_unread(column: _ReadColumn, read: Sequence[ReadCells]) -> None:
    name = column.plan.field.name
    for value, cells in zip(column.values, read, strict=True):
        if type(value) is Unread:
            cells.values.pop(name, None)
            cells.keys.pop(name, None)
            cells.wrong.append((column.plan, value.message))


def unguarded(cell: str) -> str:
    """Take away the apostrophe that an export put before what a spreadsheet would take for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in GUARDED else cell


def guarded(cell: Any) -> Any:
    """Put an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(GUARDED) else cell
