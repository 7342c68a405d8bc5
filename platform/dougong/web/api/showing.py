"""records as JSON, by contracts section 4"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from flask import Response

from dougong.catalog.model import Catalog
from dougong.context import Context
from dougong.records.query import Record
from dougong.sdk.field_type import FieldType

JSON = "application/json"

Dump = Callable[[Any], Any]


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Give a value as JSON."""
    return Response(orjson.dumps(value), status, headers, content_type=JSON)


def moment(value: dt.datetime | None) -> str | None:
    """Give a moment as RFC 3339, in UTC."""
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z") if value is not None else None


def record(ctx: Context, shown: Record) -> dict[str, Any]:
    """Give a record with the values that were asked for, in their order."""
    dumps = ctx.catalog.memo(_dumps, shown.object, tuple(shown.values), ctx.base_currency)
    values = dict(shown.values)
    for name, dump in dumps:
        value = values[name]
        if value is not None:
            values[name] = dump(ctx, value)
    return values


def value(ctx: Context, object_name: str, field_name: str, given: Any) -> Any:
    """Give one value of a field as JSON."""
    field = ctx.catalog.object(object_name).fields.get(field_name)
    return None if given is None or field is None else field.type.in_base_currency(ctx.base_currency).dump(given)


def version(shown: Record) -> dict[str, str]:
    """Give the `ETag` of a record."""
    return {} if shown.version is None else {"ETag": f'"{shown.version}"'}


def _dumps(
    catalog: Catalog, object_name: str, names: tuple[str, ...], base_currency: str
) -> tuple[tuple[str, Callable[[Context, Any], Any]], ...]:
    """What to do with which value; a type that gives its value as it is costs nothing."""
    found: list[tuple[str, Callable[[Context, Any], Any]]] = []
    for name in names:
        kind = _type(catalog, object_name, name)
        if kind is None:
            continue
        kind = kind.in_base_currency(base_currency)
        if kind.lines() is not None:
            found.append((name, _lines))
        elif type(kind).dump is not FieldType.dump:
            found.append((name, _with(kind.dump)))
    return tuple(found)


def _with(dump: Dump) -> Callable[[Context, Any], Any]:
    return lambda ctx, value: dump(value)


def _lines(ctx: Context, lines: list[Record]) -> list[dict[str, Any]]:
    return [record(ctx, line) for line in lines]


def _type(catalog: Catalog, object_name: str, path: str) -> FieldType[Any] | None:
    """Give the type at the end of a path; `title` is the field that names a record."""
    at = catalog.object(object_name)
    *steps, last = path.split(".")
    for step in steps:
        target = at.fields[step].type.lookup()
        if target is None:
            return None
        at = catalog.object(target)
    field = at.fields.get(last)
    if (last == "title" and steps and at.title) or field is None:
        field = at.fields.get(at.title or "")
    return field.type if field is not None else None


__all__ = ["JSON", "answer", "record", "value", "version"]
