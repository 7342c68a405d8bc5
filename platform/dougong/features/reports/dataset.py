"""the table behind a report: columns, rows, totals and what its chart draws"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dougong.base.text import Text
from dougong.features.reports.drill import Drill

Sort = Literal["text", "number", "date", "moment", "period", "boolean", "record"]
Role = Literal["dimension", "measure"]


@dataclass(frozen=True)
class Column:
    """One column of a dataset."""

    name: str
    label: Text
    sort: Sort
    """What sort of value it holds."""
    role: Role
    align: Literal["start", "end"] = "start"
    scale: int | None = None
    """Decimal places shown, of numbers."""
    grain: str | None = None
    """Of a period: day, week, month, quarter or year; the value is its first day."""
    object: str | None = None
    """Of a record: the object whose records' ids the values are."""


@dataclass(frozen=True)
class Head:
    """One column of a matrix: its values of the dimensions across, and its totals."""

    values: tuple[Any, ...]
    shown: tuple[str, ...]
    totals: tuple[Any, ...]
    """One for each measure."""
    shown_totals: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One row of a matrix: its values of the dimensions down, its cells and its totals."""

    values: tuple[Any, ...]
    shown: tuple[str, ...]
    cells: tuple[tuple[Any, ...], ...]
    """For each column of the matrix one number for each measure; None where nothing was found."""
    shown_cells: tuple[tuple[str, ...], ...]
    totals: tuple[Any, ...]
    shown_totals: tuple[str, ...]


@dataclass(frozen=True)
class Matrix:
    """Groups laid out in two directions, with totals on both sides."""

    down: tuple[Column, ...]
    across: tuple[Column, ...]
    measures: tuple[Column, ...]
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    totals: tuple[Any, ...]
    shown_totals: tuple[str, ...]
    more: bool = False
    """There are more columns than are laid out."""

    def as_data(self) -> dict[str, Any]:
        """Give the matrix as JSON."""
        return {
            "down": [column.name for column in self.down],
            "across": [column.name for column in self.across],
            "measures": [column.name for column in self.measures],
            "columns": [
                {"values": [*map(plain, head.values)], "shown": head.shown, "totals": [*map(plain, head.totals)]}
                for head in self.heads
            ],
            "rows": [
                {
                    "values": [*map(plain, line.values)],
                    "shown": line.shown,
                    "cells": [[*map(plain, cell)] for cell in line.cells],
                    "totals": [*map(plain, line.totals)],
                }
                for line in self.lines
            ],
            "totals": [*map(plain, self.totals)],
            "more": self.more,
        }


@dataclass(frozen=True)
class Dataset:
    """The rows of a report as its reader may see them: values, the same as text, and what the chart draws."""

    name: str
    label: Text
    locale: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    """Values in the order of the columns: `Decimal`, `int`, `date`, `str`, `bool`, or None for blank."""
    shown: tuple[tuple[str, ...], ...]
    """The rows as text in the reader's language: titles of records, labels of choices, names of months."""
    totals: tuple[Any, ...] | None = None
    """Measures over all rows that were found, also those beyond the limit; None in place of dimensions."""
    shown_totals: tuple[str, ...] | None = None
    chart: Mapping[str, Any] | None = None
    """`type`, `categories` and `series` (`name`, `data`) as plain data; `colours` where options have them, `currency`
    where all that is drawn are amounts."""
    more: bool = False
    """There were more rows than the report's limit."""
    hidden: tuple[str, ...] = ()
    """Measures that were left out, as their reader may not read what they measure."""

    drill: Drill | None = None
    """How to find the records behind its numbers; None where they have no list of their own."""

    matrix: Matrix | None = None
    """The same groups laid out, where the report says which dimensions stand across."""

    def behind_cell(self, line: Line | None, head: Head | None, measure: str) -> str | None:
        """Give the condition for the records behind a cell of the matrix; None is a total of that side."""
        if self.drill is None or self.matrix is None:
            return None
        sides = ((self.matrix.down, line), (self.matrix.across, head))
        values = {
            column.name: value
            for held, one in sides
            if one is not None
            for column, value in zip(held, one.values, strict=True)
        }
        return self.drill.where(values, measure)

    def behind(self, row: int | None = None, measure: str | None = None) -> str | None:
        """Give the condition for the records behind a row (None: behind the totals), or behind one number of it."""
        if self.drill is None:
            return None
        values = {} if row is None else dict(zip((column.name for column in self.columns), self.rows[row], strict=True))
        return self.drill.where({name: values[name] for name in self.drill.dimensions if name in values}, measure)

    def as_data(self) -> dict[str, Any]:
        """Give the dataset as JSON: exact numbers as text, dates as `2026-11-22`."""
        names = [column.name for column in self.columns]
        return {
            "name": self.name,
            "label": self.label.show(self.locale),
            "columns": [self._described(column) for column in self.columns],
            "rows": [dict(zip(names, map(plain, row), strict=True)) for row in self.rows],
            "shown": [list(row) for row in self.shown],
            "totals": self.totals and dict(zip(names, map(plain, self.totals), strict=True)),
            "chart": self.chart,
            "more": self.more,
            **({"matrix": self.matrix.as_data()} if self.matrix else {}),
            "object": self.drill.object if self.drill else None,
            "where": [self.behind(at) for at in range(len(self.rows))] if self.drill else None,
        }

    def _described(self, column: Column) -> dict[str, Any]:
        return {
            "name": column.name,
            "label": column.label.show(self.locale),
            "type": column.sort,
            "role": column.role,
            "align": column.align,
        }


def plain(value: Any) -> Any:
    """Give a value to JSON."""
    match value:
        case decimal.Decimal():
            return f"{value:f}"
        case dt.datetime():
            return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat("T", "milliseconds") + "Z"
        case dt.date():
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value
