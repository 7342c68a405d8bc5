"""which column of a file goes to which field"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dougong.access import fields as field_rights
from dougong.base.errors import BadRequest, InvalidValue
from dougong.base.names import hint_for, hint_to
from dougong.base.text import Message
from dougong.catalog.model import ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.import_map import ImportMap
from dougong.definitions.kinds.object import Field
from dougong.records.defaults import reading
from dougong.sdk.field_type import Reading

ERROR_COLUMNS = ("row_in_file", "column_in_error", "error")
"""What a file of errors has besides the columns of the file; an import of it takes no notice of them."""

MOST_REMEMBERED = 1000
"""So many different cells of a column are read once in a unit of work."""

GUARDED = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula at the beginning of a text."""


@dataclass(frozen=True)
class ColumnPlan:
    """One column of a file, and how its cells become values of a field."""

    position: int
    header: str
    field: Field
    by: Field | None = None
    """For a lookup: the field of the other object that the cell holds."""
    format: str | None = None
    replace: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def value(self, cell: str, known: Reading) -> Any:
        """Read a cell; for a lookup by key, the key. Raises `InvalidValue`."""
        cell = self.replace.get(cell, cell)
        kind = (self.by or self.field).type
        if kind.is_blank(cell):
            return None
        if self.format is not None:
            return kind.parse(_moment(cell, self.format, self.field), known)
        return kind.read_cell(cell, known)


def _moment(cell: str, format_: str, target: Field) -> str:
    """Read a date as its map says it is written, and give it as ISO text that the field type reads."""
    try:
        read = dt.datetime.strptime(cell.strip(), format_)  # noqa: DTZ007 -- the field type knows the zone
    except ValueError:
        example = dt.datetime(2026, 3, 9, 14, 30).strftime(format_)  # noqa: DTZ001 -- an example
        raise InvalidValue(
            Message("Write it like {example}.", code="date_format", example=example, field=target.name)
        ) from None
    expected = target.type.expression_type()
    if expected is not None and expected.sort == "date":
        return read.date().isoformat()
    return read.isoformat(" ", "milliseconds")


@dataclass(frozen=True)
class FilePlan:
    """How the rows of one file become records."""

    model: ObjectModel
    header: tuple[str, ...]
    columns: tuple[ColumnPlan, ...]
    key: tuple[str, ...]
    blank: frozenset[str]
    rejoin: bool
    parent: ColumnPlan | None = None
    """For lines: the column with the key of the record they belong to."""

    known: tuple[ColumnPlan, ...] = ()
    """Columns that only say which record a row is about: its id, or a number that the system gave."""

    def column_of(self, field_name: str) -> str:
        """The header of the column that goes to a field."""
        return next((each.header for each in (*self.columns, *self.known) if each.field.name == field_name), "")


def plan_of(
    ctx: Context, model: ObjectModel, header: Sequence[str], map_: ImportMap | None, key: Sequence[str]
) -> FilePlan:
    """Match the header of a file with a map, or by names and labels; every column goes somewhere or is left out."""
    if map_ is None:
        return _by_names(ctx, model, header, key)
    positions = {name: position for position, name in enumerate(header)}
    left_out = {each.name for each in map_.leave_out} | set(ERROR_COLUMNS)
    wanted = [each.name for each in map_.columns] + ([map_.parent.column] if map_.parent else [])
    missing = [name for name in wanted if name not in positions]
    unknown = [name for name in header if name not in wanted and name not in left_out]
    if missing or unknown:
        raise BadRequest(_mismatch(map_.name, missing, unknown, header))
    columns = tuple(
        ColumnPlan(
            positions[each.name],
            each.name,
            _writable(ctx, model, each.to),
            _by_field(ctx, _writable(ctx, model, each.to), each.by),
            each.format,
            {one.cell: one.value for one in each.replace},
        )
        for each in map_.columns
    )
    parent = None
    if map_.parent is not None:
        parent = _parent(ctx, model, positions[map_.parent.column], map_.parent.column, map_.parent.by)
    return FilePlan(
        model,
        tuple(header),
        columns,
        tuple(key) or map_.key,
        frozenset(map_.blank),
        map_.rejoin is not None,
        parent,
    )


def _mismatch(name: str, missing: list[str], unknown: list[str], header: Sequence[str]) -> Message:
    said = []
    if missing:
        said.append(f"the file has no column {', '.join(repr(each) for each in missing)}")
        said.append(hint_for(missing[0], header))
    if unknown:
        said.append(
            f"the map says nothing of {', '.join(repr(each) for each in unknown)}: map it or name it in leave_out"
        )
    return Message("Map '{map}' does not fit: {reasons}", code="map_mismatch", map=name, reasons="; ".join(said))


def _by_names(ctx: Context, model: ObjectModel, header: Sequence[str], key: Sequence[str]) -> FilePlan:
    """Match columns by field names or labels; `customer.code` finds a record by its code.

    What an export holds besides is no mistake: an id says which record a row is about, as a number that the system gave
    may do, and what is computed is computed again.
    """
    columns: list[ColumnPlan] = []
    known: list[ColumnPlan] = []
    parent = None
    for position, name in enumerate(header):
        if name in ERROR_COLUMNS:
            continue
        field_name, _, by = name.partition(".")
        called = field_name if by else _field_called(model, name)
        there = model.fields.get(called)
        if field_name == "parent" and by and model.parent:
            parent = _parent(ctx, model, position, name, by)
        elif there is not None and (called == "id" or there.is_computed):
            if called == "id" or called in key:
                known.append(ColumnPlan(position, name, there))
        else:
            target = _writable(ctx, model, called)
            columns.append(ColumnPlan(position, name, target, _by_field(ctx, target, by or None)))
    has_id = any(each.field.name == "id" for each in known)
    chosen = tuple(key) or (("id",) if has_id and model.parent is None else ())
    known = [each for each in known if each.field.name in chosen]
    return FilePlan(
        model, tuple(header), tuple(columns), chosen, frozenset(), rejoin=False, parent=parent, known=tuple(known)
    )


def _field_called(model: ObjectModel, name: str) -> str:
    if name in model.fields:
        return name
    for each in model.fields.values():
        if name in each.shown_label().by_language.values():
            return each.name
    return name


def _writable(ctx: Context, model: ObjectModel, name: str) -> Field:
    names = field_rights.writable(ctx, model, "create")
    if name not in names:
        hint = hint_to(name, names)
        raise BadRequest(
            Message("Nothing can be imported into '{name}' of {object}; {hint}", code="unknown_field", name=name,
                    object=model.name, hint=hint)
        )  # fmt: skip
    return model.fields[name]


def _by_field(ctx: Context, target: Field, by: str | None) -> Field | None:
    if by is None or by == "id":
        return None
    other = target.type.lookup()
    if other is None:
        raise BadRequest(Message("'{name}' leads to no other record.", code="not_a_lookup", name=target.name))
    model = ctx.catalog.object(other)
    if by not in field_rights.readable(ctx, model) or not model.fields[by].type.columns():
        hint = hint_to(by, field_rights.readable(ctx, model))
        raise BadRequest(Message("There is no field '{name}'; {hint}", code="unknown_field", name=by, hint=hint))
    return model.fields[by]


def _parent(ctx: Context, model: ObjectModel, position: int, header: str, by: str) -> ColumnPlan:
    target = model.fields["parent"]
    return ColumnPlan(position, header, target, _by_field(ctx, target, by))


def read_cells(
    ctx: Context, plan: FilePlan, cells: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any], list[tuple[ColumnPlan, Message]]]:
    """Read the cells of a row: values by field, keys of lookups by field, and what cannot be read."""
    known = ctx.memo(reading)
    values: dict[str, Any] = {}
    keys: dict[str, Any] = {}
    wrong: list[tuple[ColumnPlan, Message]] = []
    read_before = ctx.memo(_read_before, plan.model.name, plan.header)
    for column in (*plan.columns, *plan.known, *((plan.parent,) if plan.parent else ())):
        cell = cells[column.position]
        before = read_before[column.position]
        if cell in before:
            value = before[cell]
        else:
            try:
                value = column.value(_said(plan, cell), known)
            except InvalidValue as error:
                wrong.append((column, error.message))
                continue
            if len(before) < MOST_REMEMBERED:
                before[cell] = value
        (values if column.by is None and column not in plan.known else keys)[column.field.name] = value
    return values, keys, wrong


def _read_before(ctx: Context, object_name: str, header: tuple[str, ...]) -> tuple[dict[str, Any], ...]:
    """Keep what the cells of each column came to, as long as this unit of work: most columns say the same again."""
    return tuple({} for _ in header)


def _said(plan: FilePlan, cell: str) -> str:
    cell = unguarded(cell)
    return "" if cell in plan.blank else cell


def unguarded(cell: str) -> str:
    """Take away the apostrophe that an export put before what a spreadsheet would take for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in GUARDED else cell


def guarded(cell: Any) -> Any:
    """Put an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(GUARDED) else cell
