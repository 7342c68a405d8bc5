"""records into CSV, XLSX and JSON, so that importing them gives the same records"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import IO, Any, Literal

import orjson

from dougong.base.errors import BadRequest, NotAllowed
from dougong.base.heavy import load
from dougong.base.names import hint_to
from dougong.base.text import Message
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.features.exchange.cells import guarded
from dougong.records import service as records
from dougong.records.keys import values_by_id
from dougong.records.query import MOST_RECORDS, Query, Record
from dougong.sdk.field_type import FieldType, Showing

Format = Literal["csv", "xlsx", "json"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "json")
RECORDS_WITH_LINES = 100
"""So many records are read at a time where their lines stand beside them."""

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
    lines: str | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> int:
    """Write the records that the actor may read, and give their number.

    A lookup is written by the key of what it points to (`customer.code`), where that has a unique field. `lines` names
    a field of lines to write beside their records: a row for each line, with the record's columns repeated.
    """
    model = ctx.catalog.object(object_name)
    must_export(ctx, model)
    names = tuple(fields) if fields is not None else columns_of(ctx, model)
    query = Query(where=where, q=q, sort=tuple(sort), fields=names, limit=MOST_RECORDS, verb="export")
    if lines is not None:
        return _export_with_lines(ctx, model, lines, query, out, format_, progress)
    pages = _pages(ctx, object_name, query, progress)
    kinds = [type_at(ctx.catalog, model, name).in_base_currency(ctx.base_currency) for name in names]
    return _WRITERS[format_](out, names, kinds, pages)


def _export_with_lines(
    ctx: Context,
    model: ObjectModel,
    field_name: str,
    query: Query,
    out: IO[bytes],
    format_: Format,
    progress: Callable[[int], None],
) -> int:
    """Write records with their lines: a row is a line, and a record without lines has one row without any.

    The header says all that an import needs: `lines.product.code` is the code of the product of a line.
    """
    child = _child(ctx, model, field_name)
    inner = tuple(name for name in columns_of(ctx, child) if name.partition(".")[0] != "parent")
    own = query.fields or ()
    names = (*own, *(f"{field_name}.{name}" for name in inner))
    kinds = [type_at(ctx.catalog, model, name) for name in own]
    kinds += [type_at(ctx.catalog, child, name) for name in inner]
    # The pages are those of an export without lines, and smaller: a record may have two thousand lines.
    asked = replace(query, fields=(*own, field_name), limit=RECORDS_WITH_LINES)
    count = 0

    def rows() -> Iterator[list[Record]]:
        nonlocal count
        for page in _pages(ctx, model.name, asked, progress):
            count += len(page)
            yield _beside(ctx, child, page, field_name, own, inner)

    _WRITERS[format_](out, names, [kind.in_base_currency(ctx.base_currency) for kind in kinds], rows())
    return count


def _child(ctx: Context, model: ObjectModel, field_name: str) -> ObjectModel:
    held = [field.name for field in records.readable(ctx, model.name) if field.type.lines() is not None]
    if field_name not in held:
        hint = hint_to(field_name, held)
        raise BadRequest(
            Message("There is no field of lines '{name}'; {hint}", code="no_lines", name=field_name, hint=hint)
        )
    return ctx.catalog.object(str(model.fields[field_name].type.lines()))


def _beside(
    ctx: Context, child: ObjectModel, page: list[Record], field_name: str, own: Sequence[str], inner: Sequence[str]
) -> list[Record]:
    """Put the lines of a page of records beside them."""
    lines = [line for record in page for line in record[field_name]]
    for name in inner:
        lookup, _, key = name.partition(".")
        if key:
            ids = {line[lookup] for line in lines if line[lookup] is not None}
            known = values_by_id(ctx, str(child.fields[lookup].type.lookup()), key, ids)
            for line in lines:
                line.values[name] = known.get(line[lookup])
    return [
        Record(
            record.object,
            record.id,
            record.version,
            {**{name: record.get(name) for name in own}, **{f"{field_name}.{name}": line.get(name) for name in inner}},
        )
        for record in page
        for line in (record[field_name] or [Record(child.name, "", None, {})])
    ]


def export_list(
    ctx: Context,
    object_name: str,
    out: IO[bytes],
    *,
    query: Query,
    heads: Sequence[str],
    showing: Showing,
    format_: Format = "csv",
) -> int:
    """Write the records of a list as people see it: its columns under their heads, choices by their labels."""
    model = ctx.catalog.object(object_name)
    must_export(ctx, model)
    names = tuple(query.fields or ())
    query = replace(query, limit=MOST_RECORDS, verb="export")
    kinds = [
        _Labelled.of(type_at(ctx.catalog, model, name).in_base_currency(ctx.base_currency), showing) for name in names
    ]
    # Two columns may have the same head, and a value is found by it.
    keys = [f"{at}" for at in range(len(names))]

    def pages() -> Iterator[list[Record]]:
        for page in _pages(ctx, object_name, query, lambda count: None):
            yield [replace(each, values=dict(zip(keys, map(each.values.get, names), strict=True))) for each in page]

    return _WRITERS[format_](out, keys, kinds, pages(), heads=heads)


class _Labelled:
    """A field type that writes what people choose from by its label."""

    def __init__(self, kind: FieldType[Any], showing: Showing) -> None:
        self.kind = kind
        self.showing = showing

    @classmethod
    def of(cls, kind: FieldType[Any], showing: Showing) -> Any:
        """Give a field type as it writes the cells of a list."""
        return cls(kind, showing) if kind.choices(showing) else kind

    def write_cell(self, value: Any) -> str:
        return self.kind.format(value, self.showing)


def must_export(ctx: Context, model: ObjectModel) -> None:
    """Raise `NotAllowed` where the actor may not export the records of an object."""
    if not records.may(ctx, "export", model.name):
        said = "You may not export {objects}. Ask an administrator for the right to export."
        raise NotAllowed(Message(said, code="not_allowed", objects=model.definition.shown_plural()))


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
    out: IO[bytes],
    names: Sequence[str],
    kinds: Sequence[FieldType[Any]],
    pages: Iterator[list[Record]],
    *,
    heads: Sequence[str] | None = None,
) -> int:
    out.write(b"\xef\xbb\xbf")
    encoder = _Encoded(out)
    writer = csv.writer(encoder)
    writer.writerow(names if heads is None else [guarded(head) for head in heads])
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
    out: IO[bytes],
    names: Sequence[str],
    kinds: Sequence[FieldType[Any]],
    pages: Iterator[list[Record]],
    *,
    heads: Sequence[str] | None = None,
) -> int:
    openpyxl = load("openpyxl")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("records")
    sheet.freeze_panes = "A2"
    sheet.append(list(names) if heads is None else [guarded(head) for head in heads])
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
