"""a dataset as a file: CSV, XLSX or JSON"""

from __future__ import annotations

import csv
import datetime as dt
import decimal
import io
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from dougong.base.heavy import load
from dougong.base.text import Message
from dougong.features.reports.columns import period_code
from dougong.features.reports.dataset import Column, Dataset, plain

_TOTAL = Message("Total")
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MOST_EXACT_DIGITS = 15
"""What a spreadsheet's numbers hold."""
_WIDEST, _NARROWEST = 60, 10


def as_json(dataset: Dataset) -> bytes:
    """Write a dataset as JSON."""
    return orjson.dumps(dataset.as_data(), option=orjson.OPT_INDENT_2)


def as_csv(dataset: Dataset) -> str:
    """Write a dataset as CSV: numbers plain, periods as `2026-11`, titles and labels as people read them."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    heads, lines, _ = _table(dataset)
    writer.writerow([_guarded(head) for head in heads])
    writer.writerows([_guarded(_plain_cell(cell)) for cell in row] for row in lines)
    return file.getvalue()


def as_xlsx(dataset: Dataset) -> bytes:
    """Write a dataset as a workbook of one sheet, with its totals and a frozen heading."""
    openpyxl = load("openpyxl")
    bold = load("openpyxl.styles").Font(bold=True)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = _sheet_title(dataset.label.show(dataset.locale))
    heads, lines, held = _table(dataset)
    sheet.append([_guarded(head) for head in heads])
    for cells in lines:
        sheet.append([_sheet_cell(cell) for cell in cells])
    _decorate(sheet, held, bold, has_totals=dataset.totals is not None)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _decorate(sheet: Any, held: Sequence[Column], bold: Any, *, has_totals: bool) -> None:
    sheet.freeze_panes = "A2"
    for cell in (*sheet[1], *(sheet[sheet.max_row] if has_totals else ())):
        cell.font = bold
    for column, cells in zip(held, sheet.columns, strict=True):
        width = max(len(str(cell.value or "")) for cell in cells) + 2
        sheet.column_dimensions[cells[0].column_letter].width = min(max(width, _NARROWEST), _WIDEST)
        if column.sort == "number":
            places = f".{'0' * column.scale}" if column.scale else ""
            for cell in cells[1:]:
                cell.number_format = f"#,##0{places}"


def _table(dataset: Dataset) -> tuple[list[str], list[list[Any]], Sequence[Column]]:
    """Give the heading, the lines, and the column that each cell of a line is of."""
    if dataset.matrix is None:
        return [column.label.show(dataset.locale) for column in dataset.columns], [*_lines(dataset)], dataset.columns
    matrix, total = dataset.matrix, _TOTAL.show(dataset.locale)
    several = len(matrix.measures) > 1
    heads = [column.label.show(dataset.locale) for column in matrix.down]
    held = [*matrix.down]
    for words in (*(" · ".join(head.shown) for head in matrix.heads), total):
        for measure in matrix.measures:
            label = measure.label.show(dataset.locale)
            heads.append(f"{words} · {label}" if several else words)
            held.append(measure)
    lines = [
        [
            *(_cell(*each) for each in zip(matrix.down, line.values, line.shown, strict=True)),
            *(value for cell in line.cells for value in cell),
            *line.totals,
        ]
        for line in matrix.lines
    ]
    foot: list[Any] = [total, *(None for _ in matrix.down[1:])]
    lines.append([*foot, *(value for head in matrix.heads for value in head.totals), *matrix.totals])
    return heads, lines, held


def _lines(dataset: Dataset) -> Iterator[list[Any]]:
    """Give the rows as cells, and the totals as the last of them."""
    for row, shown in zip(dataset.rows, dataset.shown, strict=True):
        yield [_cell(column, value, text) for column, value, text in zip(dataset.columns, row, shown, strict=True)]
    if dataset.totals is not None:
        cells: list[Any] = list(dataset.totals)
        cells[0] = _TOTAL.show(dataset.locale)
        yield cells


def _cell(column: Column, value: Any, text: str) -> Any:
    if value is None:
        return None
    match column.sort:
        case "number" | "date" | "moment":
            return value
        case "period":
            return period_code(value, str(column.grain))
        case _:
            return text


def _plain_cell(cell: Any) -> Any:
    return "" if cell is None else plain(cell)


def _guarded(cell: Any) -> Any:
    """Keep a text that a record holds from being read as a formula by a spreadsheet; numbers stay numbers."""
    if isinstance(cell, str) and cell.startswith(_BEGINS_A_FORMULA) and not _is_number(cell):
        return f"'{cell}"
    return cell


def _is_number(text: str) -> bool:
    try:
        return decimal.Decimal(text).is_finite()
    except decimal.InvalidOperation:
        return False


def _sheet_cell(cell: Any) -> Any:
    if isinstance(cell, dt.datetime):
        return cell.astimezone(dt.UTC).replace(tzinfo=None)
    if isinstance(cell, decimal.Decimal) and len(cell.as_tuple().digits) > _MOST_EXACT_DIGITS:
        return f"{cell:f}"
    return _guarded(cell)


def _sheet_title(label: str) -> str:
    return "".join(" " if sign in "[]:*?/\\'" else sign for sign in label)[:31] or "Report"
