"""a report as a table, and its chart as data for the script"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dougong.base.text import Message
from dougong.definitions.kinds import Report
from dougong.features.reports.dataset import Column as DataColumn
from dougong.features.reports.dataset import Dataset, Head, Line
from dougong.sdk.numbers import currency_sign
from dougong.web.present import address
from dougong.web.present.form import Input
from dougong.web.present.listing import Column
from dougong.web.present.page import Frame, Link
from dougong.web.present.value import Cell, Look

_MOST_UPRIGHT = 60
"""How many letters fit under the bars of a chart; longer labels stand beside lying ones."""
_ROW, _ROWS = Message("1 row"), Message("{count} rows")


@dataclass(frozen=True)
class DataTable:
    """A report as a table."""

    columns: tuple[Column, ...]
    """The heads."""
    rows: tuple[tuple[Cell, ...], ...]
    """The groups with their measures."""
    totals: tuple[Cell, ...]
    """Over all rows; empty where there is none."""


@dataclass(frozen=True)
class MatrixRow:
    """One row of a matrix."""

    heads: tuple[Cell, ...]
    """Its values of the dimensions down."""
    cells: tuple[Cell, ...]
    """For each column one for each measure, the totals last."""


@dataclass(frozen=True)
class MatrixTable:
    """A report as a matrix."""

    down: tuple[str, ...]
    """What stands down."""
    heads: tuple[str, ...]
    """The columns, the totals last."""
    measures: tuple[str, ...]
    """What each column has; with one measure the columns say enough."""
    rows: tuple[MatrixRow, ...]
    """Its rows."""
    foot: tuple[Cell, ...]
    """The totals of the columns, and of all."""
    is_cut: bool
    """Whether there are more columns than are shown."""


@dataclass(frozen=True)
class Figure:
    """One number of a report, large."""

    label: str
    """What is measured."""
    text: str
    """The number."""
    href: str
    """The records behind it; blank where no list shows them."""


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
    action: str = ""
    """The report's own address, for the form of its parameters."""
    inputs: tuple[Input, ...] = ()
    """Its parameters."""
    hidden: tuple[tuple[str, str], ...] = ()
    """What the form sends along."""
    matrix: MatrixTable | None = None
    """The groups laid out, in place of the rows."""
    figures: tuple[Figure, ...] = ()
    """What the whole amounts to, where the report is drawn as numbers."""
    is_waiting: bool = False
    """Whether parameters have to be chosen before there is anything to show."""


def report_page(
    look: Look,
    report: Report,
    dataset: Dataset | None,
    *,
    frame: Frame,
    may_export: bool,
    inputs: tuple[Input, ...] = (),
    where: str = "",
    query: str = "",
) -> ReportPage:
    """Present a dataset, or (None) the form without which there is none; `query` is what the address asks."""
    page = ReportPage(
        frame=frame,
        title=frame.title,
        description=report.description.show(look.locale) if report.description else "",
        columns=(),
        rows=(),
        totals=(),
        chart=None,
        count="",
        is_cut=False,
        downloads=(),
        action=address.report(report.name),
        inputs=inputs,
        hidden=(("where", where),) if where else (),
        is_waiting=dataset is None,
    )
    if dataset is None:
        return page
    shown = table(look, dataset)
    return replace(
        page,
        columns=shown.columns,
        rows=shown.rows,
        totals=shown.totals,
        chart=drawn(look, dataset),
        matrix=matrix_table(look, dataset),
        figures=figures(look, report, dataset),
        count=_count(len(dataset.rows), look.locale),
        is_cut=dataset.more,
        downloads=_downloads(report.name, query, may_export=may_export),
    )


def table(look: Look, dataset: Dataset) -> DataTable:
    """Present a dataset as a table; its numbers lead to the records behind them."""
    columns = tuple(Column(each.name, each.label.show(look.locale), each.align) for each in dataset.columns)
    rows = tuple(_row(look, dataset, at) for at in range(len(dataset.rows)))
    return DataTable(columns, rows, _totals(look, dataset))


def figures(look: Look, report: Report, dataset: Dataset) -> tuple[Figure, ...]:
    """Give the numbers of a report that is drawn as such, or has nothing but them."""
    if dataset.rows and not any(column.role == "dimension" for column in dataset.columns):
        shown: Sequence[str] = dataset.shown[0]
    elif report.chart is not None and report.chart.type == "number" and dataset.shown_totals:  # a closed set
        shown = dataset.shown_totals
    else:
        return ()
    named = report.chart.measures if report.chart is not None else ()
    return tuple(
        Figure(column.label.show(look.locale), text or "0", behind(look, dataset, dataset.behind(None, column.name)))
        for column, text in zip(dataset.columns, shown, strict=True)
        if column.role == "measure" and (not named or column.name in named)
    )


def matrix_table(look: Look, dataset: Dataset) -> MatrixTable | None:
    """Present a dataset that is laid out; its numbers lead to the records behind them."""
    matrix = dataset.matrix
    if matrix is None:
        return None

    def cells(line: Line | None, head: Head | None, texts: Sequence[str]) -> list[Cell]:
        found = []
        for column, text in zip(matrix.measures, texts, strict=True):
            href = behind(look, dataset, dataset.behind_cell(line, head, column.name)) if text else ""
            found.append(Cell(text, column.align, href, is_blank=not text))
        return found

    rows = tuple(
        MatrixRow(
            tuple(Cell(text) for text in line.shown),
            (
                *(
                    cell
                    for head, texts in zip(matrix.heads, line.shown_cells, strict=True)
                    for cell in cells(line, head, texts)
                ),
                *cells(line, None, line.shown_totals),
            ),
        )
        for line in matrix.lines
    )
    foot = [cell for head in matrix.heads for cell in cells(None, head, head.shown_totals)]
    return MatrixTable(
        down=tuple(column.label.show(look.locale) for column in matrix.down),
        heads=(*(" · ".join(head.shown) for head in matrix.heads), Message("Total").show(look.locale)),
        measures=tuple(column.label.show(look.locale) for column in matrix.measures),
        rows=rows,
        foot=(*foot, *cells(None, None, matrix.shown_totals)),
        is_cut=matrix.more,
    )


def _row(look: Look, dataset: Dataset, at: int) -> tuple[Cell, ...]:
    return tuple(
        _cell(look, dataset, column, value, text, at)
        for column, value, text in zip(dataset.columns, dataset.rows[at], dataset.shown[at], strict=True)
    )


def _cell(look: Look, dataset: Dataset, column: DataColumn, value: Any, text: str, at: int) -> Cell:
    if column.role == "measure":
        href = behind(look, dataset, dataset.behind(at, column.name)) if text else ""
        return Cell(text, column.align, href, is_blank=not text)
    if value is not None and column.object and look.can_open(column.object):
        return Cell(text, column.align, address.record(column.object, value))
    # What leads nowhere by itself leads to the records of its row.
    return Cell(text, column.align, behind(look, dataset, dataset.behind(at)), is_blank=not text)


def behind(look: Look, dataset: Dataset, where: str | None) -> str:
    """Give the list of the records behind a number; blank where there is none."""
    if where is None or dataset.drill is None or not look.can_open(dataset.drill.object):
        return ""
    return address.rows(dataset.drill.object, where)


def _totals(look: Look, dataset: Dataset) -> tuple[Cell, ...]:
    if not dataset.shown_totals or len(dataset.rows) < 2:
        return ()
    return tuple(
        Cell(text, column.align, _of_total(look, dataset, column) if text else "", is_blank=not text)
        for column, text in zip(dataset.columns, dataset.shown_totals, strict=True)
    )


def _of_total(look: Look, dataset: Dataset, column: DataColumn) -> str:
    return behind(look, dataset, dataset.behind(None, column.name)) if column.role == "measure" else ""


def drawn(look: Look, dataset: Dataset) -> Mapping[str, Any] | None:
    """Give what the script draws: categories, and for each series its name, values and where they lead."""
    given = dataset.chart
    if not given or not given.get("categories"):
        return None
    scales = [column.scale for column in dataset.columns if column.role == "measure" and column.scale is not None]
    longest = max(map(len, given["categories"]))
    return {
        "type": given["type"],
        "categories": list(given["categories"]),
        "series": [_series(look, dataset, each) for each in given["series"]],
        "decimals": max(scales, default=0),
        "unit": currency_sign(given["currency"], look.locale) if given.get("currency") else "",
        "stacked": bool(given.get("stacked")),
        "horizontal": given["type"] == "bar"
        and not given.get("dated")
        and longest * len(given["categories"]) > _MOST_UPRIGHT,
    }


def _series(look: Look, dataset: Dataset, given: Mapping[str, Any]) -> dict[str, Any]:
    links = [behind(look, dataset, where) for where in given.get("where", ())]
    return {"name": given["name"], "values": list(given["data"]), "links": links if any(links) else []}


def _count(number: int, locale: str) -> str:
    return _ROW.show(locale) if number == 1 else Message(_ROWS.text, count=number).show(locale)


def _downloads(name: str, query: str, *, may_export: bool) -> tuple[Link, ...]:
    if not may_export:
        return ()
    here = f"/api/v1/reports/{name}?{query}{'&' if query else ''}format="
    return (Link("CSV", f"{here}csv", "download"), Link("XLSX", f"{here}xlsx", "file-spreadsheet"))
