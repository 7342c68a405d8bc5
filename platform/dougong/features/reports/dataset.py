"""the table behind a report: columns, rows, totals and what its chart draws"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dougong.base.text import Text

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
    """`type`, `categories` and `series` (`name`, `data`) as plain data; `colours` where options have them."""
    more: bool = False
    """There were more rows than the report's limit."""
    hidden: tuple[str, ...] = ()
    """Measures that were left out, as their reader may not read what they measure."""

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
