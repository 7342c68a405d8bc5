"""a report as a table, and its chart as data for the script"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dougong.base.text import Message, Text
from dougong.definitions.kinds import Report
from dougong.web.present.listing import Column
from dougong.web.present.page import Frame, Link
from dougong.web.present.value import Cell, Look

_ROW, _ROWS = Message("1 row"), Message("{count} rows")


class _Column(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def label(self) -> Text: ...
    @property
    def align(self) -> Any: ...
    @property
    def object(self) -> str | None: ...
    @property
    def scale(self) -> int | None: ...
    @property
    def role(self) -> Any: ...


class _Dataset(Protocol):
    @property
    def columns(self) -> Sequence[_Column]: ...
    @property
    def rows(self) -> Sequence[Sequence[Any]]: ...
    @property
    def shown(self) -> Sequence[Sequence[str]]: ...
    @property
    def shown_totals(self) -> Sequence[str] | None: ...
    @property
    def chart(self) -> Mapping[str, Any] | None: ...
    @property
    def more(self) -> bool: ...


@dataclass(frozen=True)
class ReportPage:
    """A report."""

    frame: Frame
    """What stands around it."""
    title: str
    """What it is called."""
    description: str
    """What its author says about it."""
    columns: tuple[Column, ...]
    """The heads."""
    rows: tuple[tuple[Cell, ...], ...]
    """The groups with their measures."""
    totals: tuple[Cell, ...]
    """Over all rows; empty where there is none."""
    chart: Mapping[str, Any] | None
    """What the script draws."""
    count: str
    """How many rows there are, in words."""
    is_cut: bool
    """Whether there are more rows than are shown."""
    downloads: tuple[Link, ...]
    """The same as a file."""


def report_page(look: Look, report: Report, dataset: _Dataset, *, frame: Frame, may_export: bool) -> ReportPage:
    """Present a dataset."""
    columns = tuple(Column(each.name, each.label.show(look.locale), each.align) for each in dataset.columns)
    return ReportPage(
        frame=frame,
        title=frame.title,
        description=report.description.show(look.locale) if report.description else "",
        columns=columns,
        rows=tuple(_row(look, dataset, at) for at in range(len(dataset.rows))),
        totals=_totals(dataset),
        chart=drawn(dataset),
        count=_count(len(dataset.rows), look.locale),
        is_cut=dataset.more,
        downloads=_downloads(report.name, may_export=may_export),
    )


def _row(look: Look, dataset: _Dataset, at: int) -> tuple[Cell, ...]:
    return tuple(
        _cell(look, column, value, text)
        for column, value, text in zip(dataset.columns, dataset.rows[at], dataset.shown[at], strict=True)
    )


def _cell(look: Look, column: _Column, value: Any, text: str) -> Cell:
    if value is None:
        return Cell(text, column.align, is_blank=not text)
    href = f"/o/{column.object}/{value}" if column.object and look.can_open(column.object) else ""
    return Cell(text, column.align, href)


def _totals(dataset: _Dataset) -> tuple[Cell, ...]:
    if not dataset.shown_totals or len(dataset.rows) < 2:
        return ()
    return tuple(
        Cell(text, column.align, is_blank=not text)
        for column, text in zip(dataset.columns, dataset.shown_totals, strict=True)
    )


def drawn(dataset: _Dataset) -> Mapping[str, Any] | None:
    """Give what the script draws: categories, and a name and values for each series."""
    given = dataset.chart
    if not given or not given.get("categories"):
        return None
    scales = [column.scale for column in dataset.columns if column.role == "measure" and column.scale is not None]
    return {
        "type": given["type"],
        "categories": list(given["categories"]),
        "series": [{"name": each["name"], "values": list(each["data"])} for each in given["series"]],
        "decimals": max(scales, default=0),
        "horizontal": given["type"] == "bar"
        and max(map(len, given["categories"])) > 8
        and len(given["categories"]) > 6,
    }


def _count(number: int, locale: str) -> str:
    return _ROW.show(locale) if number == 1 else Message(_ROWS.text, count=number).show(locale)


def _downloads(name: str, *, may_export: bool) -> tuple[Link, ...]:
    if not may_export:
        return ()
    here = f"/api/v1/reports/{name}?format="
    return (Link("CSV", f"{here}csv", "download"), Link("XLSX", f"{here}xlsx", "file-spreadsheet"))
