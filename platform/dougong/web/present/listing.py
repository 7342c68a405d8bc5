"""a view of records: columns, rows, filters, pages"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dougong.base.text import Text
from dougong.catalog.model import Catalog, ObjectModel
from dougong.definitions.kinds import View
from dougong.definitions.kinds.object import Field
from dougong.definitions.kinds.view import ViewColumn
from dougong.records.query import Page, Record
from dougong.web.present import address, filters
from dougong.web.present.filters import Filter
from dougong.web.present.page import Frame, Link
from dougong.web.present.value import Cell, Look, at_path, shower

SIZES = (25, 50, 100)
MOST_STEPS_BACK = 20
FIRST_FIELDS = 6


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


@dataclass(frozen=True)
class Row:
    """One record in a list."""

    id: str
    """Its id."""
    href: str
    """Its page; blank where it has none."""
    cells: tuple[Cell, ...]
    """One for each column."""


@dataclass(frozen=True)
class Table:
    """Columns and rows."""

    columns: tuple[Column, ...]
    """The heads."""
    rows: tuple[Row, ...]
    """The records."""
    title_column: int = 0
    """Which column names the record."""


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
class ListPage:
    """The list of an object."""

    frame: Frame
    """What stands around it."""
    object: str
    """The object's name."""
    label: str
    """One of these records is called so."""
    plural: str
    """Many are called so."""
    icon: str
    """A name of the icon sprite."""
    action: str
    """The list's own address, for its filter form."""
    views: tuple[Link, ...]
    """Ways to look at the records."""
    filters: tuple[Filter, ...]
    """Quick filters."""
    hidden: tuple[tuple[str, str], ...]
    """What the filter form sends along: view, sort, size."""
    words: str
    """Words that are looked for."""
    expression: str
    """What an expert typed."""
    table: Table
    """The records."""
    pager: Pager
    """Where one is."""
    problem: str = ""
    """What is wrong with the expression, as a sentence."""
    problem_hint: str = ""
    """How to mend it."""
    problem_before: str = ""
    """The expression up to the trouble."""
    problem_mark: str = ""
    """The piece of it that is wrong."""
    problem_after: str = ""
    """The rest of it."""
    new_href: str = ""
    """The form for a new record; blank for those who may not."""
    export_href: str = ""
    """This list as a file; blank for those who may not."""
    clear_href: str = ""
    """The list without any filter."""
    is_filtered: bool = False
    """Whether anything narrows the list beyond its view."""


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


def asked(catalog: Catalog, object_name: str, query: Mapping[str, str]) -> Asked:
    """Read the address of a list. What makes no sense in it is left out: an old bookmark still opens."""
    views = views_of(catalog, object_name)
    view = next((each for each in views if each.name == query.get("view")), views[0])
    size = query.get("size", "")
    return Asked(
        view=view,
        words=query.get("q", "").strip(),
        expression=query.get("where", "").strip(),
        sort=query.get("sort", "").strip(),
        size=int(size) if size.isdigit() and int(size) in SIZES else SIZES[0],
        cursor=query.get("cursor", ""),
        back=tuple(each for each in query.get("back", "").split(",") if each),
        filters={name: value for name, value in query.items() if name.startswith(filters.PREFIX) and value.strip()},
        is_first_view=view is views[0],
    )


def paths(catalog: Catalog, view: View, readable: frozenset[str]) -> tuple[str, ...]:
    """Give the columns of a view that this person may read, as the gate takes them."""
    found = []
    for column in view.columns:
        name = column.name
        if name.split(".")[0] in readable and at_path(catalog, view.object, name):
            found.append(name)
    return tuple(found)


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


def table(look: Look, asked: Asked, names: Sequence[str], records: Sequence[Record]) -> Table:
    """Present records under the columns of a view."""
    model = look.catalog.object(asked.view.object)
    columns = head(look, asked, names)
    title_column = names.index(model.title) if model.title in names else 0
    return Table(columns, rows(look, model, names, records), title_column)


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
            shows = [(name, shower(seen, found[0])) for name, found in zip(names, at, strict=True) if found]
        cells = tuple([show(record.get(name)) for name, show in shows])
        found_rows.append(Row(record.id, address.record(model.name, record.id), cells))
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
    views = views_of(look.catalog, asked.view.object)
    return tuple(
        Link(
            view.shown_label().show(look.locale),
            address.listing(view.object, view=None if view is views[0] else view.name),
            is_current=view.name == asked.view.name,
        )
        for view in views
    )
