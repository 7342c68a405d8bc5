"""a view of records: columns, rows, filters, pages"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from dougong.base.text import Message, Text
from dougong.catalog.model import Catalog, ObjectModel
from dougong.definitions.kinds import View
from dougong.definitions.kinds.object import Field
from dougong.definitions.kinds.view import ColourRule, ViewColumn
from dougong.records.query import Page, Record
from dougong.sdk.field_type import FieldType
from dougong.sdk.numbers import show_decimal
from dougong.web.present import address, filters
from dougong.web.present.page import Link
from dougong.web.present.value import Cell, Look, at_path, shower

SIZES = (25, 50, 100)
MOST_STEPS_BACK = 20
ROWS = address.ROWS
FIRST_FIELDS = 6
MOST_COLUMNS = 40
NARROWEST, WIDEST = 40, 800
KEPT: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "list": ("cols",),
    "board": ("more",),
    "calendar": ("span", "on"),
    "tree": ("cols", "open", "levels"),
    "gallery": (),
})  # fmt: skip
"""What an address says beside filters and order, by the type of the view."""
ICONS: Mapping[str, str] = MappingProxyType({
    "list": "list", "board": "layout-kanban", "calendar": "calendar", "tree": "hierarchy", "gallery": "layout-grid",
})  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What the address of a list says."""

    view: View
    """The view that is shown."""
    words: str = ""
    """Words to find."""
    expression: str = ""
    """What an expert typed."""
    sort: str = ""
    """One field, `-` for descending; blank: as the view has it."""
    size: int = SIZES[0]
    """Records on a page."""
    cursor: str = ""
    """Where the page begins; blank for the first."""
    back: tuple[str, ...] = ()
    """The cursors of the pages before it; `-` is the first page."""
    filters: Mapping[str, str] = field(default_factory=dict)
    """What the quick filters ask, by their names in the address."""
    is_first_view: bool = True
    """Whether the view is the one that opens by itself."""
    kept: Mapping[str, str] = field(default_factory=dict)
    """What else the address says and every link within the view keeps: chosen columns, the month of a calendar."""
    views: tuple[View, ...] = ()
    """The ways to look at the records, the person's own ones too."""

    def href(self, object_name: str, **changed: str) -> str:
        """Give the address of this list with something changed; paging starts again unless it is said."""
        query = {
            "view": "" if self.is_first_view else self.view.name,
            "q": self.words,
            "where": self.expression,
            **self.filters,
            "sort": self.sort,
            "size": "" if self.size == SIZES[0] else str(self.size),
            "cursor": "",
            "back": "",
            **self.kept,
            **changed,
        }
        return address.listing(object_name, **query)


@dataclass(frozen=True)
class Column:
    """The head of one column."""

    name: str
    """The field, or the path over lookups."""
    label: str
    """What the person reads."""
    align: str
    """`start`, `end` or `center`."""
    sorted: str = ""
    """`ascending`, `descending` or blank."""
    sort_href: str = ""
    """The list sorted the next way by this column; blank where it does not sort."""
    width: int | None = None
    """Pixels, where the author gave them."""
    is_edited: bool = False
    """Whether its values can be changed where they stand."""


@dataclass(frozen=True)
class Row:
    """One record in a list."""

    id: str
    """Its id."""
    href: str
    """Its page; blank where it has none."""
    cells: tuple[Cell, ...]
    """One for each column."""
    version: str = ""
    """The version that is shown, for a change of it; blank where it has none."""
    hue: str = ""
    """The colour of the row; blank for none."""
    hues: Mapping[int, str] = field(default_factory=dict)
    """The colours of single cells, by column."""


@dataclass(frozen=True)
class Table:
    """Columns and rows."""

    columns: tuple[Column, ...]
    """The heads."""
    rows: tuple[Row, ...]
    """The records."""
    title_column: int = 0
    """Which column names the record."""
    is_frozen: bool = False
    """Whether the first column stays in sight while one scrolls."""
    totals: tuple[Cell, ...] = ()
    """The foot, one for each column; none where the view has no totals."""
    total_labels: tuple[str, ...] = ()
    """What each of them is, in words."""


@dataclass(frozen=True)
class Pager:
    """Where in the list one is."""

    count: str
    """How many there are, in words of the language; blank where it was not asked."""
    next_href: str = ""
    """The next page; blank at the end."""
    previous_href: str = ""
    """The page before; blank at the start."""
    sizes: tuple[Link, ...] = ()
    """How many records a page may have."""


@dataclass(frozen=True)
class Tools:
    """What may be done with a list; an address is blank for those who may not, or where it makes no sense."""

    columns_href: str = ""
    """Choose its columns."""
    filter_href: str = ""
    """Build a filter."""
    save_href: str = ""
    """Keep it as a view of one's own."""
    paste_href: str = ""
    """Paste rows."""
    bulk_href: str = ""
    """Where chosen records are sent, to be changed together."""
    cell_href: str = ""
    """How the addresses of its cells begin: what is changed where it stands."""
    actions: tuple[Link, ...] = ()
    """What may be done with chosen records; `href` is what is sent as `do`."""


def views_of(catalog: Catalog, object_name: str) -> tuple[View, ...]:
    """Give the views of an object in their order; there is always one."""
    return catalog.memo(_views_of, object_name)


def _views_of(catalog: Catalog, object_name: str) -> tuple[View, ...]:
    found = [view for view in catalog.of(View).values() if view.object == object_name]
    found.sort(key=lambda view: (view.position, view.name))
    return tuple(found) or (_view_of_all(catalog.object(object_name)),)


def _view_of_all(model: ObjectModel) -> View:
    """Make a view for an object that its author gave none: the title and the first fields."""
    names = [model.title] if model.title else []
    for each in model.own_fields():
        if each.name not in names and each.type.columns() and len(names) < FIRST_FIELDS:
            names.append(each.name)
    if not names:
        names = ["id"]
    columns = tuple(ViewColumn(name=name) for name in names)
    label = Text({"en": "All", "zh-CN": "全部"})
    return View(kind="view", name="all", label=label, object=model.name, columns=columns, filters=tuple(names[1:4]))


def asked(catalog: Catalog, object_name: str, query: Mapping[str, str], own: Sequence[View] = ()) -> Asked:
    """Read the address of a list. What makes no sense in it is left out: an old bookmark still opens.

    `own` are the person's own views; the first of them opens by itself where it is marked so, by standing in front.
    """
    views = (*views_of(catalog, object_name), *own)
    opens = next((each for each in own if each.position < 0), views[0])
    view = next((each for each in views if each.name == query.get("view")), opens)
    if query.get("view") == ROWS:
        view = rows_behind(views)
        views = (*views, view)
    is_first_view = view is opens
    size = query.get("size", "")
    kept = {name: query[name] for name in KEPT[view.type] if query.get(name)}
    if "cols" in kept:
        view = view.model_copy(update={"columns": chosen_columns(catalog, view, kept["cols"]) or view.columns})
    return Asked(
        view=view,
        words=query.get("q", "").strip(),
        expression=query.get("where", "").strip(),
        sort=query.get("sort", "").strip(),
        size=int(size) if size.isdigit() and int(size) in SIZES else SIZES[0],
        cursor=query.get("cursor", ""),
        back=tuple(each for each in query.get("back", "").split(",") if each),
        filters={name: value for name, value in query.items() if name.startswith(filters.PREFIX) and value.strip()},
        is_first_view=is_first_view,
        kept=kept,
        views=views,
    )


def rows_behind(views: Sequence[View]) -> View:
    """Give the view of the records behind a number: the columns of the first list, and every record."""
    like = next((each for each in views if each.type == "list" and each.columns), views[0])  # a closed set
    label = Text({"en": "Behind the number", "zh-CN": "数据明细"})
    every = View(
        kind="view",
        name="rows",
        label=label,
        object=like.object,
        columns=like.columns,
        sort=like.sort,
        filters=like.filters,
    )
    return every.model_copy(update={"name": ROWS})


def chosen_columns(catalog: Catalog, view: View, text: str) -> tuple[ViewColumn, ...]:
    """Read columns as an address has them, `name:240,amount`; those that are not there are left out."""
    known = {column.name: column for column in view.columns}
    found: dict[str, ViewColumn] = {}
    for each in text.split(",")[:MOST_COLUMNS]:
        name, _, width = each.partition(":")
        if not at_path(catalog, view.object, name) or name in found:
            continue
        pixels = int(width) if width.isdigit() and NARROWEST <= int(width[:5]) <= WIDEST else None
        base = known.get(name, ViewColumn(name=name))
        found[name] = base.model_copy(update={"width": pixels}) if width else base
    return tuple(found.values())


def paths(catalog: Catalog, view: View, readable: frozenset[str]) -> tuple[str, ...]:
    """Give the columns of a view that this person may read, as the gate takes them."""
    found = []
    for column in view.columns:
        name = column.name
        if name.split(".")[0] in readable and at_path(catalog, view.object, name):
            found.append(name)
    return tuple(found)


def shown_path(look: Look, object_name: str, name: str) -> str:
    """Give the path of what a column shows: a lookup shows the title of its record."""
    found = at_path(look.catalog, object_name, name)
    target = found[0].type.lookup() if found else None
    is_titled = target is not None and look.can_open(target) and look.catalog.object(target).title is not None
    return f"{name}.title" if is_titled and name != "id" else name


def head(look: Look, asked: Asked, names: Sequence[str]) -> tuple[Column, ...]:
    """Present the heads of columns."""
    view = asked.view
    by_name = {column.name: column for column in view.columns}
    return tuple(_column(look, asked, by_name[name]) for name in names)


def _column(look: Look, asked: Asked, column: ViewColumn) -> Column:
    view = asked.view
    found = at_path(look.catalog, view.object, column.name)
    assert found is not None  # noqa: S101 -- `paths` left out the others
    shown, _ = found
    label = (column.label or shown.shown_label()).show(look.locale)
    current = asked.sort or (view.sort[0] if view.sort else "")
    return Column(
        name=column.name,
        label=label,
        align=shown.type.align,
        sorted={column.name: "ascending", f"-{column.name}": "descending"}.get(current, ""),
        sort_href=asked.href(view.object, sort=_next_sort(asked, column.name)) if sorts_by(shown) else "",
        width=column.width,
    )


def _next_sort(asked: Asked, name: str) -> str:
    """Ascending, then descending, then as the view has it."""
    return {name: f"-{name}", f"-{name}": ""}.get(asked.sort, name)


def table(
    look: Look,
    asked: Asked,
    names: Sequence[str],
    records: Sequence[Record],
    *,
    rules: Sequence[ColourRule] = (),
    totals: Mapping[str, Any] | None = None,
    edited: frozenset[str] = frozenset(),
) -> Table:
    """Present records under the columns of a view, in the colours of its rules and with its totals.

    `edited` are the fields that this person may change where they stand.
    """
    model = look.catalog.object(asked.view.object)
    columns = head(look, asked, names)
    if edited:
        columns = tuple(replace(each, is_edited=each.name in edited) for each in columns)
    title_column = names.index(model.title) if model.title in names else 0
    found = rows(look, model, names, records)
    if rules:
        pairs = zip(found, records, strict=True)
        found = tuple(coloured(row, names, rules, record.flags) for row, record in pairs)
    feet, labels = foot(look, model, asked.view, names, totals) if totals is not None else ((), ())
    return Table(columns, found, title_column, asked.view.freeze > 0, feet, labels)


def coloured(row: Row, names: Sequence[str], rules: Sequence[ColourRule], flags: Sequence[bool]) -> Row:
    """Give a row in the colours of the rules that hold: of the whole row, and of single cells."""
    if not any(flags):
        return row
    hue = ""
    hues: dict[int, str] = {}
    for rule, holds in zip(rules, flags, strict=True):
        if holds and rule.column is None:
            hue = hue or rule.colour
        elif holds and rule.column in names:
            hues.setdefault(names.index(rule.column), rule.colour)
    return replace(row, hue=hue, hues=hues)


def foot(
    look: Look, model: ObjectModel, view: View, names: Sequence[str], totals: Mapping[str, Any]
) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
    """Present the totals of a list under its columns, each with what it is."""
    wanted = {total.name: total.function for total in view.totals}
    cells = tuple(_total(look, model.fields[name], wanted[name], totals.get(name)) if name in wanted else Cell("")
                  for name in names)  # fmt: skip
    labels = tuple(FUNCTIONS[wanted[name]].show(look.locale) if name in wanted else "" for name in names)
    return cells, labels


FUNCTIONS: Mapping[str, Message] = MappingProxyType({
    "sum": Message("Sum"), "avg": Message("Average"), "min": Message("Least"), "max": Message("Most"),
    "count": Message("Count"),
})  # fmt: skip


def _total(look: Look, field: Field, function: str, value: Any) -> Cell:
    if value is None:
        return Cell("", field.type.align, is_blank=True)
    if function == "count":
        return Cell(show_decimal(value, look.locale, 0), "end")
    kind = field.type.expression_type()
    if kind is None or kind.sort != "number":
        return Cell(field.type.format(value, look.showing), field.type.align)
    if type(field.type).number is FieldType.number and function != "avg":
        return Cell(field.type.format(value, look.showing), "end")
    return Cell(show_decimal(value, look.locale, max(kind.scale, 2) if function == "avg" else kind.scale), "end")


def rows(look: Look, model: ObjectModel, names: Sequence[str], records: Sequence[Record]) -> tuple[Row, ...]:
    """Present records as rows of cells."""
    at = [at_path(look.catalog, model.name, name) for name in names]
    found_rows: list[Row] = []
    shows: list[tuple[str, Callable[[Any], Cell]]] = []
    titles: object = None
    for record in records:
        if record.titles is not titles:
            # All records of a page share their titles, so this happens once.
            titles = record.titles
            seen = look.with_titles(record.titles)
            pairs = zip(names, at, strict=True)
            shows = [(name, shower(seen, found[0], is_brief=True)) for name, found in pairs if found]
        cells = tuple([show(record.get(name)) for name, show in shows])
        version = "" if record.version is None else str(record.version)
        found_rows.append(Row(record.id, address.record(model.name, record.id), cells, version))
    return tuple(found_rows)


def pager(asked: Asked, page: Page, *, count: str) -> Pager:
    """Present where in the list one is."""
    object_name = asked.view.object
    here = asked.cursor or "-"
    next_href = previous_href = ""
    if page.next:
        trail = (*asked.back, here)[-MOST_STEPS_BACK:]
        next_href = asked.href(object_name, cursor=page.next, back=",".join(trail))
    if asked.cursor:
        *before, last = asked.back or ("-",)
        previous_href = asked.href(object_name, cursor="" if last == "-" else last, back=",".join(before))
    sizes = tuple(
        Link(
            str(size),
            asked.href(object_name, size=str(size) if size != SIZES[0] else ""),
            is_current=size == asked.size,
        )
        for size in SIZES
    )
    return Pager(count, next_href, previous_href, sizes)


def sort_of(catalog: Catalog, view: View, readable: frozenset[str]) -> tuple[str, ...]:
    """Give the order of a view, as far as this person may read what it sorts by."""
    given = ((text, text.removeprefix("-")) for text in view.sort)
    return tuple(text for text, path in given if path.split(".")[0] in readable and at_path(catalog, view.object, path))


def by_title(model: ObjectModel) -> tuple[str, ...]:
    """Sort by what names a record, where lists can; else as they come."""
    title = model.fields.get(model.title) if model.title else None
    return (title.name,) if title is not None and sorts_by(title) else ()


def sorts_by(field: Field) -> bool:
    """Whether lists can be sorted by a field."""
    return field.type.sort_column() is not None and bool(field.type.columns())


def view_links(look: Look, asked: Asked) -> tuple[Link, ...]:
    """Present the ways to look at an object's records."""
    views = asked.views or views_of(look.catalog, asked.view.object)
    opens = next((each for each in views if each.position < 0), views[0])
    return tuple(
        Link(
            view.shown_label().show(look.locale),
            address.listing(view.object, view=None if view is opens else view.name),
            ICONS[view.type],
            is_current=view.name == asked.view.name,
        )
        for view in views
    )
