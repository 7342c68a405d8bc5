"""which column of a file goes to which field"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
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
from dougong.sdk.field_type import Reading

ERROR_COLUMNS = ("row_in_file", "column_in_error", "error")
"""What a file of errors has besides the columns of the file; an import of it takes no notice of them."""


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

    def reader(self, known: Reading) -> Callable[[str], Any]:
        """Give what reads a cell: its value, or for a lookup by key, the key. It raises `InvalidValue`."""
        kind = (self.by or self.field).type
        blank = None if self.by else kind.blank()
        is_blank, read_cell = kind.is_blank, kind.read_cell
        if not self.replace and self.format is None:
            return lambda cell: blank if is_blank(cell) else read_cell(cell, known)

        def read(cell: str) -> Any:
            cell = self.replace.get(cell, cell)
            if is_blank(cell):
                return blank
            if self.format is not None:
                return kind.parse(_moment(cell, self.format, self.field), known)
            return read_cell(cell, known)

        return read


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

    lines: FilePlan | None = None
    """Where a row is one line with its record's columns repeated: how its other columns become the line."""

    lines_field: str = ""
    """The field that holds those lines."""

    @property
    def own(self) -> frozenset[str]:
        """The headers of columns that hold values themselves, and not the key of a record that is meant."""
        return frozenset(each.header for each in self.columns if each.by is None)

    def column_to(self, field_name: str) -> ColumnPlan | None:
        """The column whose values go to a field, if there is one."""
        return next((each for each in self.columns if each.field.name == field_name), None)

    def column_of(self, field_name: str) -> str:
        """The header of the column that goes to a field."""
        return next((each.header for each in (*self.columns, *self.known) if each.field.name == field_name), "")

    def key_positions(self) -> tuple[int, ...]:
        """Where in a row its natural key stands."""
        columns = (*self.columns, *self.known)
        return tuple(each.position for name in self.key for each in columns if each.field.name == name)


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
    of_lines: dict[str, list[tuple[int, str]]] = {}
    for position, name in enumerate(header):
        if name in ERROR_COLUMNS:
            continue
        holder, _, inner = name.partition(".")
        if inner and holder in model.fields and model.fields[holder].type.lines() is not None:
            of_lines.setdefault(holder, []).append((position, inner))
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
    plan = FilePlan(
        model, tuple(header), tuple(columns), chosen, frozenset(), rejoin=False, parent=parent, known=tuple(known)
    )
    return _with_lines(ctx, plan, of_lines) if of_lines else plan


def _with_lines(ctx: Context, plan: FilePlan, of_lines: Mapping[str, list[tuple[int, str]]]) -> FilePlan:
    """Say how the columns of lines become lines: `lines.product.code` is the code of the product of a line."""
    (field_name, named), *others = of_lines.items()
    if others:
        raise BadRequest(
            Message(
                "A file has the lines of one field only: '{one}' or '{other}'.",
                code="lines_of_two", one=field_name, other=others[0][0],
            )
        )  # fmt: skip
    if not plan.key:
        raise BadRequest(
            Message(
                "The columns of '{field}' need to know which rows are of one record: give a key.",
                code="lines_without_key", field=field_name,
            )
        )  # fmt: skip
    _writable(ctx, plan.model, field_name)
    child = ctx.catalog.object(str(plan.model.fields[field_name].type.lines()))
    columns, known = [], []
    for position, name in named:
        inner, _, by = name.partition(".")
        there = child.fields.get(inner)
        if inner == "id" and there is not None:
            known.append(ColumnPlan(position, plan.header[position], there))
        elif there is None or not there.is_computed:
            target = _writable(ctx, child, inner)
            columns.append(ColumnPlan(position, plan.header[position], target, _by_field(ctx, target, by or None)))
    lines = FilePlan(child, plan.header, tuple(columns), (), plan.blank, rejoin=False, known=tuple(known))
    return dataclasses.replace(plan, lines=lines, lines_field=field_name)


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
