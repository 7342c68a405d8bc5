"""records into CSV, XLSX and JSON, so that importing them gives the same records"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import IO, Any, Literal

import orjson

from dougong.base.errors import NotAllowed
from dougong.base.text import Message
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.features.exchange.heavy import load
from dougong.features.exchange.mapping import guarded
from dougong.records import service as records
from dougong.records.query import MOST_RECORDS, Query, Record
from dougong.sdk.field_type import FieldType

Format = Literal["csv", "xlsx", "json"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "json")
EXPORTED = frozenset({"id", "parent", "owner", "unit"})
"""The system fields that an export has by default."""


def export(
    ctx: Context,
    object_name: str,
    out: IO[bytes],
    *,
    format_: Format = "csv",
    where: str | None = None,
    q: str | None = None,
    sort: Sequence[str] = (),
    fields: Sequence[str] | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> int:
    """Write the records that the actor may read, and give their number.

    A lookup is written by the key of what it points to (`customer.code`), where that has a unique field.
    """
    model = ctx.catalog.object(object_name)
    if not records.may(ctx, "export", object_name):
        raise NotAllowed(
            Message("You may not export {objects}.", code="not_allowed", objects=model.definition.shown_plural())
        )
    names = tuple(fields) if fields is not None else columns_of(ctx, model)
    query = Query(where=where, q=q, sort=tuple(sort), fields=names, limit=MOST_RECORDS, verb="export")
    pages = _pages(ctx, object_name, query, progress)
    return _WRITERS[format_](out, names, [type_at(ctx.catalog, model, name) for name in names], pages)


def columns_of(ctx: Context, model: ObjectModel) -> tuple[str, ...]:
    """The columns of an export by default: the id, what the author declared, lookups by the key of what they point to.

    Lines of a record are an export of their own, each with the key of the record it belongs to.
    """
    names = []
    for field in records.readable(ctx, model.name):
        if field.type.lines() is None and (not field.is_system or field.name in EXPORTED):
            names.append(_by_key(ctx, field.name, field.type) if field.name != "id" else "id")
    return tuple(names)


def _by_key(ctx: Context, name: str, kind: FieldType[Any]) -> str:
    target = kind.lookup()
    if target is None:
        return name
    key = natural_key(ctx.catalog, target)
    readable = {field.name for field in records.readable(ctx, target)}
    return f"{name}.{key}" if key in readable else name


def natural_key(catalog: Catalog, object_name: str) -> str | None:
    """The first field of an object that is unique and always there: entered, or a number that the system gives."""
    own = list(catalog.object(object_name).own_fields())
    entered = (field.name for field in own if field.unique and field.required)
    numbered = (field.name for field in own if field.type.numbering() is not None)
    return next(entered, None) or next(numbered, None)


def type_at(catalog: Catalog, model: ObjectModel, path: str) -> FieldType[Any]:
    """Give the type at the end of a path."""
    *steps, last = path.split(".")
    for step in steps:
        model = catalog.object(str(model.field(step).type.lookup()))
    return model.field(model.title if last == "title" and model.title and steps else last).type


def _pages(ctx: Context, object_name: str, query: Query, progress: Callable[[int], None]) -> Iterator[list[Record]]:
    done = 0
    while True:
        page = records.list(ctx, object_name, query)
        done += len(page.records)
        yield page.records
        progress(done)
        if page.next is None:
            return
        query = replace(query, cursor=page.next)


def _cells(record: Record, names: Sequence[str], kinds: Sequence[FieldType[Any]]) -> list[Any]:
    values = (record.values.get(name) for name in names)
    return [None if value is None else kind.write_cell(value) for value, kind in zip(values, kinds, strict=True)]


def _write_csv(
    out: IO[bytes], names: Sequence[str], kinds: Sequence[FieldType[Any]], pages: Iterator[list[Record]]
) -> int:
    out.write(b"\xef\xbb\xbf")
    encoder = _Encoded(out)
    writer = csv.writer(encoder)
    writer.writerow(names)
    count = 0
    for page in pages:
        count += len(page)
        for record in page:
            writer.writerow([_csv_cell(cell) for cell in _cells(record, names, kinds)])
    return count


class _Encoded:
    """Text into a binary file."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def write(self, text: str) -> int:
        return self._out.write(text.encode())


def _csv_cell(cell: Any) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return guarded(cell) if isinstance(cell, str) else cell


def _write_xlsx(
    out: IO[bytes], names: Sequence[str], kinds: Sequence[FieldType[Any]], pages: Iterator[list[Record]]
) -> int:
    openpyxl = load("openpyxl")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("records")
    sheet.freeze_panes = "A2"
    sheet.append(list(names))
    count = 0
    for page in pages:
        count += len(page)
        for record in page:
            sheet.append([guarded(cell) for cell in _cells(record, names, kinds)])
    book.save(out)
    return count


def _write_json(
    out: IO[bytes], names: Sequence[str], kinds: Sequence[FieldType[Any]], pages: Iterator[list[Record]]
) -> int:
    count = 0
    out.write(b"[")
    for page in pages:
        for record in page:
            out.write(b",\n" if count else b"\n")
            values = {
                name: None if record.values.get(name) is None else kind.dump(record.values[name])
                for name, kind in zip(names, kinds, strict=True)
            }
            out.write(orjson.dumps(values, default=str))
            count += 1
    out.write(b"\n]\n")
    return count


_WRITERS: dict[Format, Callable[..., int]] = {"csv": _write_csv, "xlsx": _write_xlsx, "json": _write_json}
