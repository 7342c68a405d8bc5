"""one record with its lines and related lists"""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dougong.catalog.model import ObjectModel
from dougong.definitions.kinds.form import Form
from dougong.definitions.kinds.object import Field
from dougong.records.query import Page, Record
from dougong.web.present import address, layout, listing
from dougong.web.present.approval import FlowPanel
from dougong.web.present.beside import Activity
from dougong.web.present.buttons import ButtonLink, Stage
from dougong.web.present.layout import Place
from dougong.web.present.listing import Column, Row
from dougong.web.present.page import Frame, Link
from dougong.web.present.value import LONG_WIDGETS, Cell, Look, cell

RELATED_SHOWN = 5
RELATED_COLUMNS = 5


@dataclass(frozen=True)
class Fact:
    """One field of the record."""

    name: str
    """The field's name."""
    label: str
    """What the person reads."""
    cell: Cell
    """Its value."""
    is_wide: bool = False
    """Whether it takes the whole width."""
    help: str = ""
    """What the author says about it."""


@dataclass(frozen=True)
class Lines:
    """The children in one field, as a table."""

    name: str
    """The field's name."""
    label: str
    """What the person reads."""
    columns: tuple[Column, ...]
    """The heads."""
    rows: tuple[tuple[Cell, ...], ...]
    """The lines."""
    totals: tuple[Cell, ...] = ()
    """Sums under the columns that add up; empty where none does."""


@dataclass(frozen=True)
class FactSection:
    """Facts under one heading, and the lines that stand with them."""

    label: str
    """The heading; blank for none."""
    facts: tuple[Fact, ...]
    """The fields."""
    lines: tuple[Lines, ...] = ()
    """The tables below them."""


@dataclass(frozen=True)
class Related:
    """Records that point to this one."""

    name: str
    """The object and the field: `order_customer`."""
    label: str
    """What the person reads."""
    count: str
    """How many there are."""
    columns: tuple[Column, ...]
    """The heads."""
    rows: tuple[Row, ...]
    """The first of them."""
    new_href: str = ""
    """A new one that points here; blank for those who may not."""
    all_href: str = ""
    """All of them, as a list."""
    title_column: int = 0
    """Which column names the record."""


@dataclass(frozen=True)
class RecordPage:
    """The page of one record."""

    frame: Frame
    """What stands around it."""
    label: str
    """What sort of record it is."""
    icon: str
    """A name of the icon sprite."""
    title: str
    """What names it."""
    subtitle: Cell | None
    """What stands under the title."""
    tabs: tuple[Link, ...]
    """Details and history."""
    sections: tuple[FactSection, ...]
    """Its fields."""
    footnote: tuple[Fact, ...]
    """Who made and changed it."""
    related: tuple[Related, ...]
    """What points to it."""
    edit_href: str = ""
    """The form; blank for those who may not."""
    delete_href: str = ""
    """Where deleting is asked and done; blank for those who may not."""
    version: int | None = None
    """The version that is shown."""
    stages: tuple[Stage, ...] = ()
    """The way through its states; empty where it has none."""
    buttons: tuple[ButtonLink, ...] = ()
    """What may be done with it now."""
    locked: str = ""
    """Why it may not be changed now; blank where it may."""
    more: tuple[Link, ...] = ()
    """What else can be done with it."""
    prints: tuple[Link, ...] = ()
    """The templates it may be printed with."""
    approvals: tuple[FlowPanel, ...] = ()
    """Where its approvals stand, the newest first."""
    activity: Activity | None = None
    """What happened to it, and where one adds to it."""


def title_of(look: Look, model: ObjectModel, record: Record) -> str:
    """Give what names a record."""
    if model.title:
        value = record.get(model.title)
        if value not in (None, ""):
            return _named(look, model, cell(look, model.field(model.title), value).text)
    return record.id[-8:]


def _named(look: Look, model: ObjectModel, text: str) -> str:
    """Say what a bare number is a number of: `Order 77`."""
    kind = model.field(model.title or "").type.expression_type()
    if kind is None or kind.sort != "number":
        return text
    return f"{model.definition.shown_label().show(look.locale)} {text}"


def sections(
    look: Look, record: Record, readable: frozenset[str], *, form_name: str | None = None
) -> tuple[FactSection, ...]:
    """Present the fields of a record as its form arranges them, or as another form does."""
    model = look.catalog.object(record.object)
    named = look.catalog.find(Form, form_name) if form_name else None
    form = named or layout.form_of(look.catalog, model.name, "read")
    found = []
    for section in form.sections:
        label = section.label.show(look.locale) if section.label else ""
        found.append(_section(look, label, layout.places(look.catalog, model.name, section), record, readable))
    rest = layout.unplaced(look.catalog, model.name, form)
    found.append(_section(look, "", rest, record, readable))
    return tuple(each for each in found if each.facts or each.lines)


def _section(look: Look, label: str, places: Iterable[Place], record: Record, readable: frozenset[str]) -> FactSection:
    shown = [place for place in places if place.field.name in readable]
    facts = tuple(_fact(look, place, record) for place in shown if not place.field.type.lines())
    tables = tuple(_lines(look, place, record) for place in shown if place.field.type.lines())
    return FactSection(label or (tables[0].label if tables and not facts else ""), facts, tables)


def _fact(look: Look, place: Place, record: Record) -> Fact:
    # A form gives a name the whole width to type in; to be read, only a text of several lines needs it.
    value = record.get(place.field.name)
    return fact(look, place.field, value, is_wide=bool(value) and place.field.type.widget in LONG_WIDGETS)


def fact(look: Look, field: Field, value: Any, *, is_wide: bool = False) -> Fact:
    """Present one field with its value."""
    return Fact(
        field.name,
        field.shown_label().show(look.locale),
        cell(look, field, value),
        is_wide,
        field.help.show(look.locale) if field.help else "",
    )


def _lines(look: Look, place: Place, record: Record) -> Lines:
    child = look.catalog.object(place.field.type.lines() or "")
    records: Sequence[Record] = record.get(place.field.name) or []
    look = look.with_titles(records[0].titles) if records else look
    # A line has no field that its reader may not see: the gate did not read it.
    seen = set().union(*(each.values for each in records)) if records else set(child.fields)
    fields = [child.fields[name] for name in place.columns if name in child.fields and name in seen]
    columns = tuple(Column(each.name, each.shown_label().show(look.locale), each.type.align) for each in fields)
    rows = tuple(tuple(cell(look, each, line.get(each.name)) for each in fields) for line in records)
    return Lines(
        place.field.name, place.field.shown_label().show(look.locale), columns, rows, _totals(look, fields, records)
    )


def _totals(look: Look, fields: Sequence[Field], lines: Sequence[Record]) -> tuple[Cell, ...]:
    """Add up the computed numbers of lines: an amount adds up, a price does not."""
    if len(lines) < 2 or not any(each.is_computed for each in fields):
        return ()
    return tuple(_total(look, each, lines) for each in fields)


def _total(look: Look, field: Field, lines: Sequence[Record]) -> Cell:
    values = [line.get(field.name) for line in lines]
    numbers = [value for value in values if isinstance(value, decimal.Decimal)]
    if not field.is_computed or len(numbers) != len(values):
        return Cell("", field.type.align, is_blank=True)
    return cell(look, field, sum(numbers, decimal.Decimal()))


def footnote(look: Look, record: Record) -> tuple[Fact, ...]:
    """Present who owns, made and changed a record."""
    model = look.catalog.object(record.object)
    names: tuple[str, ...] = ("owner", "unit", "created_by", "created_at", "updated_by", "updated_at")
    form = layout.form_of(look.catalog, model.name, "read")
    placed = {each.name for section in form.sections for each in section.fields}
    names = tuple(name for name in names if name not in placed)
    return tuple(fact(look, model.fields[name], record.get(name)) for name in names if name in record.values)


def related_columns(look: Look, object_name: str, through: str, readable: frozenset[str]) -> tuple[str, ...]:
    """Give the columns of a related list: those of the first view, without the way back."""
    view = listing.views_of(look.catalog, object_name)[0]
    names = listing.paths(look.catalog, view, readable)
    return tuple(name for name in names if name.split(".")[0] != through)[:RELATED_COLUMNS]


def related(
    look: Look,
    object_name: str,
    through: str,
    names: Sequence[str],
    page: Page,
    *,
    of: str,
    may_create: bool,
    count: str,
) -> Related:
    """Present the records that point here through one lookup."""
    model = look.catalog.object(object_name)
    asked = listing.Asked(listing.views_of(look.catalog, object_name)[0])
    columns = tuple(Column(column.name, column.label, column.align) for column in listing.head(look, asked, names))
    return Related(
        name=f"{object_name}_{through}",
        label=related_label(look, object_name, through),
        count=count,
        columns=columns,
        rows=listing.rows(look, model, names, page.records),
        new_href=_new_href(look, object_name, through, of) if may_create else "",
        all_href=address.listing(object_name, where=f'{through} == "{of}"'),
        title_column=names.index(model.title) if model.title in names else 0,
    )


def _new_href(look: Look, object_name: str, through: str, of: str) -> str:
    """Give the form for one more of a related list: it points to the record, and comes back to it."""
    here = address.record(look.catalog.object(object_name).field(through).type.lookup() or "", of)
    return address.new(object_name, **{through: of, "next": f"{here}#{object_name}_{through}"})


def related_label(look: Look, object_name: str, through: str) -> str:
    """Give what a related list is called: as its lookup says; else as the object, with the way where there are more."""
    model = look.catalog.object(object_name)
    lookup = model.field(through)
    said = lookup.type.list_label()
    if said:
        return said.show(look.locale)
    target = lookup.type.lookup() or ""
    ways = [field for other, field in look.catalog.related(target) if other == object_name]
    label = model.definition.shown_plural().show(look.locale)
    if len(ways) > 1 or target == object_name:
        return f"{label} · {lookup.shown_label().show(look.locale)}"
    return label


def tabs(object_name: str, record_id: str, labels: Mapping[str, str], current: str) -> tuple[Link, ...]:
    """Present the parts of a record's page."""
    return tuple(
        Link(label, address.record(object_name, record_id, part), is_current=part == current)
        for part, label in labels.items()
    )
