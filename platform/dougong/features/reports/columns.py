"""what each column of a report holds, and how its values are shown and ordered"""

from __future__ import annotations

import datetime as dt
import decimal
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from babel.dates import format_date, format_datetime, format_skeleton

from dougong.base.sql_types import EXACT
from dougong.base.text import Message, Text
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.definitions.kinds.report import Dimension, Measure
from dougong.expressions.tree import Node, Path
from dougong.expressions.types import Type
from dougong.features.reports.dataset import Column, Sort
from dougong.records import references
from dougong.sdk.field_type import FieldType, Option, Showing
from dougong.sdk.numbers import locale_of, show_decimal
from dougong.sdk.words import sort_key

_SORTS: Mapping[str, Sort] = {
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "moment": "moment",
    "record": "record",
}
_AVERAGE_PLACES = 2
_COUNTS = ("count", "count_distinct")
_BLANK = Message("(blank)")
_YES, _NO = Message("Yes"), Message("No")


@dataclass(frozen=True)
class Told:
    """A column with all that it takes to show and order its values."""

    column: Column
    field: Field | None = None
    """The field that the values come from unchanged, if it is one."""
    options: tuple[Option, ...] = ()
    function: str = ""
    """Of a measure."""

    def exact(self, value: Any) -> Any:
        """Give a number with the places of its column, rounded half away from zero."""
        if value is None or self.column.sort != "number":
            return value
        number = value if isinstance(value, decimal.Decimal) else decimal.Decimal(value)
        places = self.column.scale or 0
        if self.function in _COUNTS:
            return int(number)
        return EXACT.quantize(number, decimal.Decimal(1).scaleb(-places))

    def is_amount(self) -> bool:
        """Whether its numbers are amounts in base currency."""
        return self.field is not None and self.field.type.is_money() and self.function not in _COUNTS

    def colour(self, value: Any) -> str | None:
        """Give the colour of the option that a value is."""
        return next((option.colour for option in self.options if option.value == value), None)


def of_dimension(ctx: Context, model: ObjectModel, dimension: Dimension, node: Node) -> Told:
    """Describe the column of a dimension."""
    field = _field_of(ctx, model, node)
    kind: Sort = "period" if dimension.grain else _SORTS.get(node.type.sort, "text")
    label = dimension.label or (field.shown_label() if field else readable(dimension.name))
    column = Column(
        name=dimension.name,
        label=label,
        sort=kind,
        role="dimension",
        align="end" if kind == "number" else "start",
        scale=node.type.scale if kind == "number" else None,
        grain=dimension.grain,
        object=node.type.object if kind == "record" else None,
    )
    return Told(column, field, _options(ctx, field))


def of_measure(ctx: Context, model: ObjectModel, measure: Measure, node: Node | None) -> Told:
    """Describe the column of a measure."""
    field = _field_of(ctx, model, node) if node is not None else None
    kind: Sort = "number"
    if measure.function in ("min", "max") and node is not None:
        kind = _SORTS.get(node.type.sort, "text")
    column = Column(
        name=measure.name,
        label=measure.label or readable(measure.name),
        sort=kind,
        role="measure",
        align="end",
        scale=_places(measure, node.type if node is not None else None) if kind == "number" else None,
        object=node.type.object if node is not None and kind == "record" else None,
    )
    return Told(column, field, _options(ctx, field), measure.function)


def readable(name: str) -> Text:
    """Make a name something to read, where an author gave no label."""
    return Text({"en": name.replace("_", " ").capitalize()})


def _places(measure: Measure, kind: Type | None) -> int:
    if measure.function in _COUNTS or kind is None:
        return 0
    if measure.scale is not None:
        return measure.scale
    return max(kind.scale, _AVERAGE_PLACES) if measure.function == "avg" else kind.scale


def _field_of(ctx: Context, model: ObjectModel, node: Node | None) -> Field | None:
    """Find the field whose values an expression gives unchanged."""
    if not isinstance(node, Path):
        return None
    *steps, last = node.names
    for step in steps:
        model = ctx.catalog.object(str(model.field(step).type.lookup()))
    return model.field(last)


def _options(ctx: Context, field: Field | None) -> tuple[Option, ...]:
    return tuple(field.type.choices(showing(ctx))) if field else ()


def showing(ctx: Context) -> Showing:
    """Give what field types need to show values in a report: the reader's language, the instance's zone."""
    return Showing(locale=ctx.locale, zone=ctx.zone, base_currency=ctx.base_currency, options=ctx.catalog.options)


# ---- as people read them -----------------------------------------------------------------------------------------


def shower(ctx: Context, told: Told, values: Iterable[Any]) -> Callable[[Any], str]:
    """Give what shows the values of one column; titles of records are read at once."""
    column = told.column
    titles: Mapping[str, str] = {}
    if column.object is not None:
        titles = references.titles(ctx, column.object, {value for value in values if value is not None})
    blank = _BLANK.show(ctx.locale) if column.role == "dimension" else ""

    def show(value: Any) -> str:
        return blank if value is None else _shown(ctx, told, value, titles)

    return show


def _shown(ctx: Context, told: Told, value: Any, titles: Mapping[str, str]) -> str:
    column = told.column
    match column.sort:
        case "period":
            return period(value, str(column.grain), ctx.locale)
        case "record":
            return titles.get(value, "…")
        case "number":
            return _number(ctx, told, value)
        case "boolean":
            return (_YES if value else _NO).show(ctx.locale)
        case "moment":
            zone = zoneinfo.ZoneInfo(ctx.zone)
            return str(format_datetime(value, "short", tzinfo=zone, locale=locale_of(ctx.locale)))
        case "date":
            return str(format_date(value, "medium", locale=locale_of(ctx.locale)))
        case "text":
            return told.field.type.format(value, showing(ctx)) if told.field else str(value)


def _number(ctx: Context, told: Told, value: Any) -> str:
    places = told.column.scale or 0
    unchanged = told.field is not None and type(told.field.type).number is FieldType.number
    if unchanged and told.field is not None and told.function not in _COUNTS and places == _scale(told.field):
        return told.field.type.format(value, showing(ctx))
    return show_decimal(value, ctx.locale, places)


def _scale(field: Field) -> int | None:
    kind = field.type.expression_type()
    return kind.scale if kind is not None else None


def period(first: dt.date, grain: str, locale: str) -> str:
    """Name a day, week, month, quarter or year by its first day."""
    babel = locale_of(locale)
    match grain:
        case "year":
            return str(first.year)
        case "quarter":
            return str(format_skeleton("yQQQ", first, locale=babel))
        case "month":
            return str(format_skeleton("yMMM", first, locale=babel))
        case "week":
            return period_code(first, grain)
        case _:
            return str(format_date(first, "medium", locale=babel))


def period_code(first: dt.date, grain: str) -> str:
    """Name a period such that text sorts it and spreadsheets leave it: `2026-11`, `2026-Q4`, `2026-W47`."""
    match grain:
        case "year":
            return f"{first.year:04}"
        case "quarter":
            return f"{first.year:04}-Q{(first.month + 2) // 3}"
        case "month":
            return f"{first.year:04}-{first.month:02}"
        case "week":
            year, week, _ = first.isocalendar()
            return f"{year:04}-W{week:02}"
        case _:
            return first.isoformat()


# ---- in order ----------------------------------------------------------------------------------------------------


def order_key(told: Told, show: Callable[[Any], str]) -> Callable[[Any], Any]:
    """Give what the values of a column sort by: options in their own order, records by title. Blanks come first."""
    places = {option.value: position for position, option in enumerate(told.options)}

    def key(value: Any) -> Any:
        if value is None:
            return (0, 0, "")
        if told.options:
            return (1, places.get(value, len(places)), str(value))
        if told.column.sort in ("record", "text"):
            return (1, 0, sort_key(show(value)))
        return (1, value, "")

    return key
